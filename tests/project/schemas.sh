#!/bin/sh
# schemas.sh SOURCE BUILD - do the suites for ports have the form that their schemas describe? And
# does the test notice a suite of another form?
set -eu
suites=$1/conformance
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

/usr/bin/python3 -c 'import jsonschema' 2>/dev/null || {
    echo "skipped: python3-jsonschema is missing"
    exit 77
}

valid() { # SCHEMA FILE
    /usr/bin/python3 -B - "$1" "$2" <<'END'
import json
import sys

import jsonschema

schema, document = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.Draft7Validator.check_schema(schema)
errors = list(jsonschema.Draft7Validator(schema).iter_errors(document))
for error in errors[:3]:
    print(sys.argv[2], list(error.absolute_path), error.message[:200])
sys.exit(bool(errors))
END
}

for suite in "$suites"/vectors/*.json; do
    case $suite in
    */schema.json) ;;
    *) valid "$suites/vectors/schema.json" "$suite" ;;
    esac
done
valid "$suites/complete.schema.json" "$suites/complete.json"

# broken SCHEMA FILE MEMBER - requires that the file without this member is
# refused
broken() {
    sed "0,/\"$3\"/s//\"x$3\"/" "$2" >"$dir/broken.json"
    if valid "$1" "$dir/broken.json" >/dev/null; then
        echo "$2 without a member went unnoticed"
        exit 1
    fi
}

broken "$suites/vectors/schema.json" "$suites/vectors/tcp.json" offset
broken "$suites/complete.schema.json" "$suites/complete.json" access
