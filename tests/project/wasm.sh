#!/bin/sh
# wasm.sh SOURCE BUILD COMMAND - is the WebAssembly module small, and does it need no import? Does
# the npm package work after its installation?
set -eu
source=$1
package=$2/wasm
command=$3
for tool in clang wasm-ld node npm tsc; do
    command -v "$tool" >/dev/null || {
        echo "SKIPPED: $tool is not installed"
        exit 77
    }
done
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

"$source/wasm/build.sh" "$package"

# A module that needs an import has to be noticed.
imports() {
    node -e 'const { readFileSync } = require("node:fs");
        console.log(WebAssembly.Module.imports(new WebAssembly.Module(
            readFileSync(process.argv[1]))).length)' "$1"
}
echo 'int f(void); int g(void) { return f(); }' >"$dir/bad.c"
clang --target=wasm32 -nostdlib -Wl,--no-entry,--export=g,--allow-undefined \
    "$dir/bad.c" -o "$dir/bad.wasm"
[ "$(imports "$dir/bad.wasm")" = 1 ] || { echo "an import went unnoticed"; exit 1; }
[ "$(imports "$package/sbind.wasm")" = 0 ] || { echo "there are imports"; exit 1; }
size=$(wc -c <"$package/sbind.wasm")
[ "$size" -le 80000 ] || { echo "$size octets"; exit 1; }

version=$(sed -n 's/^project(sbind VERSION \([0-9.]*\).*/\1/p' "$source/CMakeLists.txt")
[ -n "$version" ] || version=$(sed -nE \
    's/^#define SBIND_VERSION_(MAJOR|MINOR|PATCH) ([0-9]+)$/\2/p' \
    "$source/include/sbind/version.h" | paste -sd. -)
grep -q "\"version\": \"$version\"" "$package/package.json" || {
    echo "package.json is not of version $version"
    exit 1
}

# Installs the package into an empty project, without a network.
export npm_config_cache="$dir/cache" npm_config_update_notifier=false
(cd "$package" && npm pack --silent --pack-destination "$dir" >"$dir/name")
mkdir "$dir/project"
cd "$dir/project"
echo '{"name": "empty", "version": "0.0.0", "private": true, "type": "module"}' \
    >package.json
npm install --silent --offline --no-audit --no-fund --ignore-scripts \
    "$dir/$(cat "$dir/name")"
cat >use.mjs <<'END'
import { load } from 'sbind';

const sbind = await load();
for (const text of process.argv.slice(2)) {
  const result = sbind.parse(text);
  process.stdout.write(result.ok ? `${result.text}\n` : `sbind: ${result.report}`);
}
const { outcome, count, names } = sbind.activation({
  pid: '7', fds: '2', names: 'web:', selfPid: 7,
});
if (`${outcome} ${count} ${names}` !== 'passed 2 web,') throw new Error('activation');
if (sbind.activation({ selfPid: 7 }).outcome !== 'none') throw new Error('none');
const bad = sbind.activation({ pid: '7', fds: '2x', selfPid: 7 });
if (`${bad.error} ${bad.variable} ${bad.offset}` !== 'bad-listen-fds LISTEN_FDS 1') {
  throw new Error('a refusal');
}
const strict = { loopback: true, noWildcard: true };
const refused = sbind.check('tcp://192.0.2.1:80', strict);
if (refused.ok || !sbind.check('tcp://127.0.0.1:80', strict).ok) throw new Error('check');
const checks = [
  ['unix:///run/x', { within: '/run' }, undefined],
  ['unix:///runx', { within: '/run' }, 'not-within'],
  ['unix:///run/x', { within: 'run' }, 'bad-option'],
  ['fd://web', { schemes: ['fd', 'tcp'] }, undefined],
  ['unix:///x', { schemes: ['fd', 'npipe'] }, 'scheme-not-allowed'],
];
for (const [text, policy, error] of checks) {
  if (sbind.check(text, policy).error !== error) throw new Error(`check ${text}`);
}
if (sbind.explain('tcp://:80').error !== 'bad-host') throw new Error('explain a refused text');
// What would silently be another text, another rule or another number.
for (const mistaken of [
  () => sbind.parse('unix:///\ud800'),
  () => sbind.parse(new Uint16Array([0x174, 0x163, 0x170, 0x3a, 0x2f, 0x2f])),
  () => sbind.parse(new ArrayBuffer(6)),
  () => sbind.parse(undefined),
  () => sbind.check('tcp://0.0.0.0:1', { nowildcard: true }),
  () => sbind.check('unix:///x', { schemes: ['unx'] }),
  () => sbind.check('unix:///x', { schemes: 'unix' }),
  () => sbind.check('unix:///run/x', { within: '/run\0/y' }),
  () => sbind.activation({ pid: 1, selfPid: 1 }),
  () => sbind.activation({ selfPid: -1 }),
  () => sbind.activation({ selfPid: 1, limit: 2 ** 32 }),
]) {
  let thrown;
  try { mistaken(); } catch (error) { thrown = error; }
  if (!(thrown instanceof TypeError)) throw new Error(`${mistaken} throws nothing`);
}
if (!sbind.parse('unix:///\ud83d\ude00').ok) throw new Error('a surrogate pair');
const long = sbind.parse(`unix://${'x'.repeat(1e6)}`); // the memory has to grow
if (long.error !== 'text-too-long' || long.offset !== 1024) throw new Error('long');
END
set -- tcp://127.0.0.1:80 'tcp://[0:0::1]:8' npipe:////Srv/pipe/a unix:///run/s/ \
    tcp://x:65536 fd://web
node use.mjs "$@" >"$dir/module"
for text in "$@"; do
    "$command" parse "$text" 2>&1 | awk '/^sbind:/ { all = 1 } all || NR == 1' || true
done >"$dir/command"
diff -u "$dir/command" "$dir/module"

# Asks the command about listening.
cat >explain.mjs <<'END'
import { load } from 'sbind';

const sbind = await load();
for (const text of process.argv.slice(2)) {
  const { listening, refused } = sbind.explain(text);
  process.stdout.write(`${JSON.stringify({ listening, refused })}\n`);
}
END
set -- tcp:// tcp://127.0.0.1:0 'tcp://[fe80::1%7]:80' 'tcp://[fe80::1%lo]:80' 'tcp://*:80' \
    tcp://localhost:80 tcp://255.255.255.255:80 unix:///run/app.sock unix://@app \
    "unix://$(printf '%0300d' 0)" "unix:///$(printf '%0200d' 0)" fd:// 'fd://*' \
    fd://2147483647 fd://9 fd://web npipe://app
node explain.mjs "$@" >"$dir/module"
"$command" explain --json "$@" |
    sed -E 's/.*("listening":.*,"refused":(true|false)).*/{\1}/' >"$dir/command"
diff -u "$dir/command" "$dir/module"

# Checks the types with a strict compiler.
cat >good.mts <<'END'
import { load, type Address } from 'sbind';
const sbind = await load();
const result = sbind.parse('tcp://[::1]:80');
const port = (a: Address): number | undefined =>
  a.scheme === 'tcp' && a.host.type === 'ipv6' && 'port' in a ? a.port : undefined;
export const found: number | undefined = result.ok ? port(result.address) : result.number;
export const names: string[] = [sbind.activation({ selfPid: 1 })].flatMap(
  (a) => (a.ok && a.outcome === 'passed' ? a.names : []));
END
sed 's/result.number/result.address/' good.mts >bad.mts
types() {
    tsc --noEmit --strict --target es2022 --module node16 --lib es2022,dom "$1"
}
types good.mts
! types bad.mts >/dev/null || { echo "a wrong type went unnoticed"; exit 1; }
echo "$size octets, $(gzip -9c "$package/sbind.wasm" | wc -c) compressed"
