# One image for all services; which one runs is the command: `run intake`, `run tickets`, …, `migrate`.
FROM python:3.13-slim

# `local` adds the sandbox that catches mail and SMS; real services need `base` only.
ARG REQUIREMENTS=base

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements/ requirements/
RUN pip install --require-hashes -r requirements/${REQUIREMENTS}.txt
COPY shared/ shared/
COPY migrations/ migrations/
COPY services/ services/

RUN useradd --system --uid 10001 --no-create-home satuatap && mkdir /data && chown satuatap /data
USER 10001
ENTRYPOINT ["python", "-m", "services"]
CMD ["--help"]
