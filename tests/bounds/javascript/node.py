"""Printed functions run by Node.js, one process for many of them."""

import json
import subprocess
from contextlib import contextmanager
from shutil import which

import pytest

from bounds.javascript import library

_LOOP = """
const lines = require("node:readline").createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const { script, params } = JSON.parse(line);
  let answer;
  try {
    answer = String(new Function("params", `${script}\\nreturn evaluate("own", params);`)(params));
  } catch (error) {
    answer = error.constructor.name === "ParameterError" ? "refused" : `error: ${error.stack}`;
  }
  process.stdout.write(`${JSON.stringify(answer)}\\n`);
});
"""


@contextmanager
def node():
    """``value(bound, params)`` as a page computes it: a float, or ``None`` where it is refused."""
    program = which("node")
    if program is None:
        pytest.skip("no Node.js on this machine: nothing was run in JavaScript")
    with subprocess.Popen(
        [program, "-e", _LOOP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def value(bound, params):
            sent = {"script": library({"own": bound}), "params": params}
            process.stdin.write(json.dumps(sent) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert not answer.startswith("error"), answer
            return None if answer == "refused" else float(answer.replace("Infinity", "inf"))

        yield value
        process.stdin.close()
