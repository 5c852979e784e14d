// The agency's own basemap out of one PMTiles file, raster or vector. Quiet on purpose: the counts are what matters.

const QUIET = [
  [/water|ocean|river/, "fill", { "fill-color": "#d9e5ec" }],
  [/park|green|landuse|landcover|natural|wood/, "fill", { "fill-color": "#edf2e9" }],
  [/building/, "fill", { "fill-color": "#e7e6e3" }],
  [/road|street|transport|rail/, "line", { "line-color": "#d9dce0", "line-width": 1 }],
];

export async function pmtilesBasemap(address, library, script) {
  await load(script);
  const { PMTiles, Protocol } = window.pmtiles;
  const url = new URL(address, location.href).href;
  const archive = new PMTiles(url);
  const protocol = new Protocol();
  protocol.add(archive);
  library.addProtocol("pmtiles", protocol.tile);
  const { tileType } = await archive.getHeader();
  if (tileType !== 1) { // 1 is vector, the others are kinds of pictures
    return {
      sources: { basemap: { type: "raster", url: `pmtiles://${url}`, tileSize: 256 } },
      layers: [{ id: "basemap", type: "raster", source: "basemap", paint: { "raster-saturation": -0.8, "raster-opacity": 0.6 } }],
    };
  }
  const { vector_layers: found = [] } = await archive.getMetadata();
  return {
    sources: { basemap: { type: "vector", url: `pmtiles://${url}` } },
    layers: found.flatMap(({ id }) => {
      const [, type, paint] = QUIET.find(([name]) => name.test(id)) ?? [];
      if (!type) return [];
      const shape = type === "fill" ? "Polygon" : "LineString";
      return [{ id: `basemap-${id}`, type, source: "basemap", "source-layer": id, filter: ["==", ["geometry-type"], shape], paint }];
    }),
  };
}

/** The library comes as a classic script that leaves one global behind. */
function load(source) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    Object.assign(element, { src: source, onload: resolve, onerror: () => reject(new Error(`${source} did not load`)) });
    document.head.append(element);
  });
}
