"""The application: looks something up for 20 ms, then says hello; one thread per request."""

import logging
import time

from flask import Flask

app = Flask(__name__)
logging.getLogger("werkzeug").setLevel(logging.ERROR)  # no line per request


@app.get("/")
def hello():
    time.sleep(0.020)  # a database would take as long
    return "hello\n"


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000, threaded=True)
