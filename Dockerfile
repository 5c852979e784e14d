# The web, worker and beat containers, made by the script that sets up a machine.
FROM debian:bookworm-slim AS base
WORKDIR /srv/hotspots
COPY scripts scripts
COPY requirements.txt constraints.txt ./
RUN scripts/install python && rm -rf /var/lib/apt/lists/*

FROM base AS assets
COPY package.json package-lock.json ./
RUN scripts/install assets
COPY . .
# Nothing is signed or connected to while files are collected; the settings only ask that the names be set.
RUN SECRET_KEY=collecting-files DB_HOST=none DB_NAME=none DB_USER=none DB_PASSWORD=none REDIS_URL=redis://none \
    .venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM base
COPY . .
COPY --from=assets /srv/hotspots/static-collected static-collected
RUN useradd --system --home-dir /var/lib/hotspots --create-home hotspots
USER hotspots
ENV HOTSPOTS_STATE=/var/lib/hotspots PATH=/srv/hotspots/.venv/bin:$PATH PYTHONUNBUFFERED=1
VOLUME /var/lib/hotspots
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", "--no-control-socket"]
