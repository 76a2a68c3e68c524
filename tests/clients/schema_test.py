# The served OpenAPI description against the server: schemathesis makes up requests, right and wrong ones.
import os
import subprocess
import sys

from support import BASE, KEY

# Right by its shape does not mean that a request makes sense: pictures that are none, a context that is too small.
SKIPPED = "positive_data_acceptance"

command = [
    os.path.join(os.path.dirname(sys.executable), "schemathesis"), "run", BASE + "/openapi.json",
    "--header", "Authorization: Bearer " + KEY,
    "--exclude-checks", SKIPPED,
    "--max-examples", os.environ.get("R1V_SCHEMA_EXAMPLES", "20"),
    "--seed", os.environ.get("R1V_SCHEMA_SEED", "1"),
    "--request-timeout", "30",
    "--generation-database", "none",
    "--no-color",
]
sys.exit(subprocess.run(command, check=False).returncode)
