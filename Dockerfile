# The programs in an image. It is built on Debian 12 with the Swift toolchain, and runs on Debian 12
# with only the libraries that they need.
#
#   docker build -t single-cell-clustering:0.2.0 .
#   docker run --rm -v "$PWD:/data" single-cell-clustering:0.2.0 cluster model.safetensors \
#     --clusters 8 -o clustered.h5ad
#   docker run --rm -v "$PWD:/data" --entrypoint bash single-cell-clustering:0.2.0 \
#     -c 'sc preprocess pbmc.h5ad | sc knn -o graph.h5ad'
#
# To fix the base images, pass their digests: --build-arg BUILD_IMAGE=swift@sha256:... --build-arg
# RUN_IMAGE=debian@sha256:...
ARG BUILD_IMAGE=swift:6.3-bookworm
ARG RUN_IMAGE=debian:12-slim
FROM ${BUILD_IMAGE} AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /source
# Before the sources: a change of theirs does not install these again.
COPY scripts/install-dependencies.sh scripts/
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends binutils make \
    && scripts/install-dependencies.sh --asked \
    && rm -rf /var/lib/apt/lists/*
COPY . .
RUN make install DESTDIR=/image PREFIX=/usr/local

# hadolint ignore=DL3006
FROM ${RUN_IMAGE}
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends \
      libarpack2 libblosc1 libcairo2 libopenblas0-pthread libstdc++6 libsz2 libzstd1 zlib1g fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /image/ /
# Fails here, not at the user's, where a library is missing.
RUN for program in sc sc-preprocess sc-knn sc-pretrain sc-cluster sc-eval; do "$program" --version || exit 1; done \
    && useradd --create-home --uid 1000 cells
USER 1000
WORKDIR /data
ENTRYPOINT ["sc"]
CMD ["--help"]
