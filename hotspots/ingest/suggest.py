def guess_mapping(paths):
    raise NotImplementedError
