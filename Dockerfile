# The gateway in a container: built from a checkout, run by an unprivileged user, happy with a read-only root filesystem.
# docker build -t drawbridge . && docker run -p 8080:8080 -v drawbridge:/app/data --read-only drawbridge
ARG NODE_IMAGE=node:26.10.0-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
# what is installed changes less often than what is built
COPY package.json package-lock.json .npmrc ./
# the image brings its Node: the runtime of the checkout stays out
RUN npm ci --workspaces=false
COPY LICENSE NOTICE README.md config.schema.json ./
COPY bin ./bin
COPY scripts ./scripts
COPY examples ./examples
COPY src ./src
RUN npm run package -- /build/out \
  && mkdir -p /app/data \
  && tar -xzf /build/out/*.tgz -C /app --strip-components=1

FROM ${NODE_IMAGE}
# code is root's and cannot be changed by who runs it; data and caches are the user's
COPY --from=build /app /app
RUN chown 1000:1000 /app/data && chmod 700 /app/data
ENV NODE_ENV=production \
  APP_HOST=0.0.0.0 \
  APP_PORT=8080 \
  APP_DIR=/app/data \
  LOG_LEVEL=info \
  LOG_STYLE=json \
  XDG_CACHE_HOME=/app/data/.cache
WORKDIR /app
VOLUME /app/data
USER 1000:1000
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
  CMD ["node", "-e", "const { DRAWBRIDGE_PORT, APP_PORT } = process.env; fetch(`http://127.0.0.1:${DRAWBRIDGE_PORT || APP_PORT}/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/bin/drawbridge.js"]
