# A Nightshift worker: Node, Python, git and bubblewrap. Used by docker-compose.yml; one container is one worker.
FROM node:20-bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap ca-certificates git procps python3 python3-pip python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /nightshift
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npx tsc -p tsconfig.json
# State (journals, ledgers, leases) and projects are volumes: a new container goes on where the old one was.
ENV NIGHTSHIFT_HOME=/var/lib/nightshift
VOLUME ["/var/lib/nightshift", "/projects"]
WORKDIR /projects
CMD ["/nightshift/nightshift", "worker"]
