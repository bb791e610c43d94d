# docker build -t rnnviz . && docker run --rm -p 7860:7860 rnnviz    (more in docs/deploy.md)
FROM python:3.11-slim
WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --extra-index-url https://download.pytorch.org/whl/cpu -r requirements.lock
COPY . .
USER 10001:10001
ENV HOME=/tmp PORT=7860 PYTHONDONTWRITEBYTECODE=1 RNNVIZ_HOST=0.0.0.0
EXPOSE 7860
HEALTHCHECK CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 7860, timeout=5); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["python", "app.py"]
