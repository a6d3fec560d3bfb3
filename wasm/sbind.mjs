// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The parser of libsbind, in WebAssembly. It reads the text of a service binding
// (tcp://127.0.0.1:8080, unix:///run/app.sock, fd://web, npipe://app) and the
// variables of socket activation, and opens nothing.

const NO_OFFSET = 0xffffffff;
const PAGE = 65536;

// enum sbind_kind, from 1 on.
const SHAPES = [
  null,
  () => ({ scheme: 'tcp', host: { type: 'default' } }),
  (a) => tcp(a, { type: 'ipv4', value: latin1(a.host) }),
  (a) => tcp(a, {
    type: 'ipv6',
    value: latin1(a.host),
    ...(a.zone.length > 0 && { zone: latin1(a.zone) }),
  }),
  (a) => tcp(a, { type: 'name', value: latin1(a.host) }),
  (a) => tcp(a, { type: 'any' }),
  (a) => ({ scheme: 'unix', type: 'path', octets: a.path }),
  (a) => ({ scheme: 'unix', type: 'abstract', octets: a.path }),
  () => ({ scheme: 'fd', type: 'single' }),
  () => ({ scheme: 'fd', type: 'all' }),
  (a) => ({ scheme: 'fd', type: 'number', value: a.fd }),
  (a) => ({ scheme: 'fd', type: 'name', value: latin1(a.path) }),
  (a) => ({ scheme: 'npipe', server: latin1(a.host), name: a.path }),
];
// The bits of policy_of() in exports.c.
const POLICIES = ['absolutePath', 'noAbstract', 'loopback', 'numeric', 'portable',
  'localPipe', 'noWildcard', 'passedOnly'];
const SCHEMES = ['tcp', 'unix', 'fd', 'npipe']; // SBIND_ALLOW_..., a bit each
const OUTCOMES = ['none', 'other-process', 'passed']; // enum sbind_activation_outcome

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function tcp(answer, host) { return { scheme: 'tcp', host, port: answer.port }; }

function latin1(octets) {
  return Array.from(octets, (octet) => String.fromCharCode(octet)).join('');
}

// Half of a surrogate pair cannot be encoded: TextEncoder would silently make another text.
function octetsOf(text) {
  if (text instanceof Uint8Array) return text;
  if (typeof text !== 'string') throw new TypeError('a string or a Uint8Array is needed');
  if (/\p{Surrogate}/u.test(text)) throw new TypeError('the string is not well-formed');
  return encoder.encode(text);
}

// A rule with a spelling mistake would allow what it was meant to refuse.
function known(names, all, what) {
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) throw new TypeError(`there is no ${what} ${unknown}`);
}

function rulesOf(policy) {
  known(Object.keys(policy), POLICIES, 'rule');
  return POLICIES.reduce((bits, rule, i) => bits | (policy[rule] ? 1 << i : 0), 0);
}

function schemesOf(schemes) {
  if (!Array.isArray(schemes)) throw new TypeError('schemes is a list');
  known(schemes, SCHEMES, 'scheme');
  return schemes.reduce((bits, scheme) => bits | 1 << SCHEMES.indexOf(scheme), 0);
}

// A C string. A NUL in the directory would make it shorter.
function directoryOf(within) {
  const octets = octetsOf(within);
  if (octets.includes(0)) throw new TypeError('within has an octet 0');
  return Uint8Array.of(...octets, 0);
}

function word32(value, name) {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw new TypeError(`${name} is no unsigned number of 32 bits`);
  }
  return value;
}

// The memory of the module. Texts go behind the part that the module uses itself.
class Memory {
  constructor({ memory, __heap_base: base }) {
    this.memory = memory;
    this.base = (base.value + 7) & ~7;
    this.top = this.base;
  }

  // Texts that are put here stay until the next clear().
  clear() { this.top = this.base; }

  put(octets) {
    const at = this.top;
    const end = at + octets.length;
    const lacking = end - this.memory.buffer.byteLength;
    if (lacking > 0) this.memory.grow(Math.ceil(lacking / PAGE));
    new Uint8Array(this.memory.buffer, at).set(octets);
    this.top = (end + 7) & ~7;
    return at;
  }

  octets(at, length) { return new Uint8Array(this.memory.buffer, at, length).slice(); }
}

// The words of an answer of exports.c, in their order.
function readAnswer(memory, at) {
  const words = new DataView(memory.memory.buffer, at);
  let next = 0;
  const word = () => words.getUint32(4 * next++, true);
  const octets = () => memory.octets(word(), word());
  return {
    status: word(),
    offset: word(),
    name: latin1(octets()),
    message: latin1(octets()),
    hint: latin1(octets()),
    variable: latin1(octets()),
    kind: word(),
    fd: word(),
    port: word(),
    canonical: octets(),
    host: octets(),
    zone: octets(),
    path: octets(),
    outcome: word(),
    count: word(),
    names: octets(),
    listening: octets(),
    refused: word() !== 0,
  };
}

function refusal(answer) {
  const { status: number, name: error, offset, message, hint, variable } = answer;
  return {
    ok: false,
    error,
    ...(variable !== '' && { variable }),
    ...(offset !== NO_OFFSET && { offset }),
    number,
    message,
    hint,
  };
}

class Sbind {
  #exports;

  #memory;

  constructor(instance) {
    this.#exports = instance.exports;
    this.#memory = new Memory(instance.exports);
  }

  #answer() { return readAnswer(this.#memory, this.#exports.answer()); }

  #put(text) {
    const octets = octetsOf(text);
    return [this.#memory.put(octets), octets.length];
  }

  parse(text) {
    this.#memory.clear();
    const at = this.#put(text);
    this.#exports.parse(...at);
    const answer = this.#answer();
    if (answer.status !== 0) {
      const length = this.#exports.report(...at);
      const report = this.#memory.octets(this.#exports.report_at(), length);
      return { ...refusal(answer), report: latin1(report) };
    }
    const { canonical } = answer;
    return {
      ok: true,
      canonical,
      text: decoder.decode(canonical),
      address: SHAPES[answer.kind](answer),
    };
  }

  // What listening on the text would do on Linux, as the lines of sbind
  // explain.
  explain(text) {
    this.#memory.clear();
    this.#exports.explain(...this.#put(text));
    const answer = this.#answer();
    if (answer.status !== 0) return refusal(answer);
    const listening = decoder.decode(answer.listening).split('\0').slice(0, -1);
    return { ok: true, listening, refused: answer.refused };
  }

  // Whether a policy with these rules would accept the text on Linux, if no
  // socket was passed.
  check(text, { schemes = SCHEMES, within, ...rules }) {
    this.#memory.clear();
    const directory = within === undefined ? 0 : this.#memory.put(directoryOf(within));
    this.#exports.check(...this.#put(text), rulesOf(rules), schemesOf(schemes), directory);
    const answer = this.#answer();
    return answer.status === 0 ? { ok: true } : refusal(answer);
  }

  // What a process would read from LISTEN_PID, LISTEN_PIDFDID, LISTEN_FDS and
  // LISTEN_FDNAMES, if it had this id, this pidfd and this limit on
  // descriptors.
  activation({
    pid, pidfdid, fds, names, selfPid, selfPidfdid = 0n, limit = 1021,
    acceptMissingPid = false,
  }) {
    this.#memory.clear();
    const request = new Uint32Array(13);
    [pid, pidfdid, fds, names].forEach((value, i) => {
      if (value !== undefined) request.set(this.#put(value), 2 * i);
    });
    const id = BigInt.asUintN(64, BigInt(selfPidfdid));
    request.set([word32(selfPid, 'selfPid'), Number(id & 0xffffffffn), Number(id >> 32n),
      word32(limit, 'limit'), acceptMissingPid ? 1 : 0], 8);
    const octets = new Uint8Array(4 * request.length);
    request.forEach((w, i) => new DataView(octets.buffer).setUint32(4 * i, w, true));
    this.#exports.activation(this.#memory.put(octets));
    const answer = this.#answer();
    if (answer.status !== 0) return refusal(answer);
    const outcome = OUTCOMES[answer.outcome];
    if (outcome !== 'passed') return { ok: true, outcome };
    const { count } = answer;
    const list = names === undefined ? [] : latin1(answer.names).split(':');
    return { ok: true, outcome, count, names: list };
  }
}

async function octetsAt(url) {
  if (url.protocol === 'file:' && globalThis.process?.versions?.node) {
    const { readFile } = await import('node:fs/promises');
    return readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.arrayBuffer();
}

// The module needs no imports. SOURCE is its URL, its octets, or a WebAssembly.Module.
// The default is sbind.wasm beside this file.
export async function load(source = new URL('./sbind.wasm', import.meta.url)) {
  if (source instanceof WebAssembly.Module) {
    return new Sbind(await WebAssembly.instantiate(source));
  }
  const octets = source instanceof URL ? await octetsAt(source) : source;
  const { instance } = await WebAssembly.instantiate(octets);
  return new Sbind(instance);
}
