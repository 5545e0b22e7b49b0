# One image for all services; which one runs is the command: `run intake`, `run tickets`, …, `migrate`.
FROM python:3.13-slim AS packages

# `local` adds the sandbox that catches mail and SMS; real services need `base` only.
ARG REQUIREMENTS=base
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements/ requirements/
RUN python -m venv --without-pip /opt/satuatap \
    && pip --python /opt/satuatap/bin/python install --require-hashes -r requirements/${REQUIREMENTS}.txt
# Half of two libraries tells where in the world a number is, and how other languages write a date: nobody asks.
RUN cd /opt/satuatap/lib/python*/site-packages \
    && rm -r phonenumbers/geodata phonenumbers/carrierdata phonenumbers/tzdata \
    && find babel/locale-data -name '*.dat' ! -name 'root.dat' ! -name 'id*.dat' ! -name 'en*.dat' -delete


FROM python:3.13-slim

ENV PATH=/opt/satuatap/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY --from=packages /opt/satuatap /opt/satuatap
COPY shared/ shared/
COPY migrations/ migrations/
COPY services/ services/

RUN useradd --system --uid 10001 --no-create-home satuatap && mkdir /data && chown satuatap /data
USER 10001
# What was left out is missed by nothing: every service loads, and the longest road through the libraries is gone
RUN python -c 'import services.intake.main, services.tickets.main, services.notify.main, services.survey_index.main' \
    && python -m services survey report --csv services/demo/data/skm_72_respondents.csv --out /tmp/report \
    && rm -r /tmp/report
ENTRYPOINT ["python", "-m", "services"]
CMD ["--help"]
