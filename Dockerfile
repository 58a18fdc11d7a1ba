# The daemon as an image: `docker build -t pipewright .`, for both architectures at once
# `docker buildx build --platform linux/amd64,linux/arm64 -t pipewright .`. Nothing of the last stage runs while it is built,
# so another architecture needs no emulation. With podman, one after the other:
# `podman build --platform linux/arm64 --build-arg BUILDPLATFORM=linux/amd64 -t pipewright .`
#
#   NODE_IMAGE    a Debian with Node 24 and npm
#   WORKER        "--release": the worker for x86-64 and arm64; "": only for the machine that builds
#   REVISION      commit that the image is made from
ARG NODE_IMAGE=docker.io/library/node:24-slim

FROM --platform=${BUILDPLATFORM} ${NODE_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY scripts scripts
COPY src src
COPY lambda lambda
COPY worker worker
COPY localcloud localcloud
RUN node scripts/build.mjs
COPY pipelines pipelines
# Examples use pngjs, and look for it where they are mounted: upwards from /pipelines.
RUN mkdir -p /image/app /image/node_modules /image/pipelines /image/data \
 && mv dist pipelines package.json /image/app/ \
 && mv node_modules/pngjs /image/node_modules/

FROM build AS worker
ARG WORKER=--release
RUN mv /image/app/package.json . \
 && { [ -n "${WORKER}" ] || npm rebuild node; } \
 && node scripts/pack-worker.mjs ${WORKER}

# It is the default, and said all the same: podman 4.3 forgets it after a stage of another platform, and puts that one's base here.
FROM --platform=${TARGETPLATFORM} ${NODE_IMAGE}
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Pipewright" \
      org.opencontainers.image.description="Keeps file-processing pipelines alive on AWS: a daemon for folders of workflow files" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production \
    PIPEWRIGHT_PIPELINES=/pipelines \
    PIPEWRIGHT_DATA=/data \
    PIPEWRIGHT_HOST=0.0.0.0 \
    PIPEWRIGHT_PORT=8080
COPY --from=build /image/app /app
COPY --from=build /image/node_modules /node_modules
# A volume begins as what the image has there: it belongs to the daemon, who keeps a marker in the one and history in the other.
COPY --from=build --chown=1000:1000 /image/pipelines /pipelines
COPY --from=build --chown=1000:1000 /image/data /data
COPY --from=worker /src/dist/worker /app/dist/worker
WORKDIR /app
USER 1000:1000
VOLUME ["/pipelines", "/data"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PIPEWRIGHT_PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# V8 lets garbage grow to several times what lives. The two options halve the memory, and cost a fifth of the processor time.
ENTRYPOINT ["node", "--max-semi-space-size=4", "--heap-growing-percent=30", "/app/dist/pipewright.js"]
CMD ["run"]
