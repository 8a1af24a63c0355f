# One image for every role; Node runs the TypeScript as it is, so there is nothing to build.
FROM node:24-bookworm-slim
WORKDIR /haat
COPY package.json package-lock.json .npmrc ./
# Servers are containers of their own here: neither PostgreSQL's binaries nor npm's copy of Node is wanted.
RUN npm ci --omit=dev --omit=optional --ignore-scripts && rm -rf node_modules/node
COPY . .
USER node
ENTRYPOINT ["node"]
