#!/usr/bin/env node
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// Service bindings (tcp://127.0.0.1:8080, unix:///x, fd://, npipe://x), written
// from the three documents in grammar/ alone. As a program, this file is the
// adapter of SPEC 7.
//
// Each rule is a function. It moves a cursor as far as the text is the
// beginning of some address (SPEC 4.1.1). Exactly there it stops or refuses.
// The cursor never moves back, so the first error is the one to report (SPEC
// 2.8).

import { deepStrictEqual } from 'node:assert';
import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export class Refused extends Error {
  constructor(error, offset, variable) {
    super(error);
    Object.assign(this, { error, variable, offset }); // the order of SPEC 7.3
  }
}

class Cursor {
  constructor(octets, limit, variable) {
    this.octets = Buffer.from(octets);
    this.limit = limit; // SPEC 2.1, of an address only
    this.variable = variable; // SPEC 6.8, of activation only
    this.units = Infinity; // how many a pipe may still have, SPEC 2.6
    this.offset = 0;
  }

  get octet() {
    if (this.offset === this.octets.length) return END;
    // The limit 2.1 counts before a rule can judge the octet (SPEC 2.8).
    if (this.offset === this.limit) this.refuse('text-too-long');
    return this.octets[this.offset];
  }

  // Called only for viable octets, because limits are measured on those. The
  // first octet of a character counts, even if the character is not complete
  // (SPEC 2.7).
  advance() {
    const octet = this.octets[this.offset];
    if (!within(octet, 0x80, 0xbf)) this.units -= octet < 0xf0 ? 1 : 2;
    if (this.units < 0) this.refuse('pipe-name-too-long');
    this.offset += 1;
    return true;
  }

  is(char) { return this.octet === char.charCodeAt(0); }
  take(char) { return this.is(char) && this.advance(); }
  expect(char, error) { if (!this.take(char)) this.fail(error); }
  text(from) { return this.octets.toString('latin1', from, this.offset); }
  fail(error) { this.refuse(this.octet === END ? 'unexpected-end' : error); }
  refuse(error, offset = this.offset) {
    throw new Refused(error, offset, this.variable);
  }
  run(set, most = Infinity, from = this.offset) {
    while (set[this.octet] && this.offset - from < most) this.advance();
    return this.text(from);
  }
}

const within = (octet, first, last) => octet >= first && octet <= last;
const octetSet = (chars) => Array.from({ length: 256 },
  (_, octet) => new RegExp(`[${chars}]`).test(String.fromCharCode(octet)));
const DIGIT = octetSet('0-9');
const HEXDIG = octetSet('0-9A-Fa-f');
const WORD = octetSet('0-9A-Za-z_');
const LABEL_OCTET = octetSet('0-9A-Za-z_-');
const ZONE_OCTET = octetSet('0-9A-Za-z._~-');
const PATH_OCTET = octetSet(' -~\\x80-\\xff');
const NAME_OCTET = octetSet(' -9;-~');
const FD_FIRST = octetSet('!-),.-9;-~'); // name-first or DIGIT
const SEG_FIRST = octetSet(' -.0-[\\]-~\\xc2-\\xf4');
const UTF8_TAIL = octetSet('\\x80-\\xbf');
const UTF8_SECOND = { 0xe0: [0xa0, 0xbf], 0xed: [0x80, 0x9f],
  0xf0: [0x90, 0xbf], 0xf4: [0x80, 0x8f] };
const END = -1; // what a cursor sees at the end, a member of no set
const DEC_OCTET = '([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])';
const IPV4 = new RegExp(`^${DEC_OCTET}(\\.${DEC_OCTET}){3}$`);
const NO_LAST_LABEL = /(^|\.)([0-9]+|0x[0-9a-f]*)\.?$/i;
const OPENINGS = [['tcp://', tcp], ['unix://', unix], ['fd://', fd],
  ['npipe://', npipe], ['\\\\', (cursor) => pipePath(cursor, '\\')]];
// The longest run comes first, so that the first one found becomes "::".
const ZERO_RUNS = [8, 7, 6, 5, 4, 3, 2]
  .map((groups) => new RegExp(`(^|:)0(:0){${groups - 1}}(:|$)`));
const INT31 = 2 ** 31 - 1;
const UINT64 = 2n ** 64n - 1n;
// A Number is exact with up to 15 digits. More digits need a BigInt.
const fits = (digits, most) => (digits === '0' || digits[0] !== '0')
  && (digits.length < 16 ? Number(digits) : BigInt(digits)) <= most;

// The longest number up to `most`, or '' if there is none. Every beginning of a
// number is a number itself, so this is also the viable part.
function decimal(cursor, most) {
  const from = cursor.offset;
  const longer = () => cursor.text(from) + String.fromCharCode(cursor.octet);
  while (DIGIT[cursor.octet] && fits(longer(), most)) cursor.advance();
  return cursor.text(from);
}

// Parses an address. The result has the form of SPEC 7.3, with buffers for
// octets. Each part has its canonical spelling, so equal addresses have equal
// parts.
export function parse(octets) {
  const cursor = new Cursor(octets, 1024);
  const [opening, rule] = OPENINGS.find(([text]) => cursor.is(text[0]))
    ?? cursor.fail('unknown-scheme'); // no two of them begin alike
  for (const char of opening) cursor.expect(char, 'unknown-scheme');
  return rule(cursor);
}

// --- TCP, SPEC 3.1
function tcp(cursor) {
  if (cursor.octet === END) return { scheme: 'tcp', host: { type: 'default' } };
  const where = host(cursor);
  cursor.expect(':', where.type === 'ipv6' ? 'bad-port' : 'bad-host');
  return { scheme: 'tcp', host: where, port: port(cursor) };
}

function host(cursor) {
  if (cursor.take('*')) return { type: 'any' };
  if (cursor.take('[')) return ipv6Literal(cursor);
  const value = nameOrIpv4(cursor, ':', 'bad-host', 'numeric-host');
  return { type: IPV4.test(value) ? 'ipv4' : 'name', value };
}

function port(cursor) { // SPEC 4.2.8
  const digits = decimal(cursor, 65535);
  if (digits > '0' && DIGIT[cursor.octet]) cursor.refuse('port-range');
  if (digits === '' || cursor.octet !== END) cursor.fail('bad-port');
  return Number(digits);
}

// Every beginning of an ipv4 is also the beginning of a name: "300.1" is
// viable, because a label with a letter may follow. The text is judged at the
// delimiter.
function nameOrIpv4(cursor, delimiter, error, numericError = error) {
  const from = cursor.offset;
  while (label(cursor, from) && cursor.take('.'));
  const text = cursor.text(from);
  if (/^$|-$/.test(text) || !cursor.is(delimiter)) cursor.fail(error);
  if (NO_LAST_LABEL.test(text) && !IPV4.test(text)) cursor.fail(numericError);
  return text.toLowerCase();
}

// Reads a label as far as it goes. Returns whether it may end there.
function label(cursor, nameFrom) {
  const from = cursor.offset;
  if (cursor.is('-')) return false;
  // The limit of the name may lie before the label, at a dot that is not the
  // last octet.
  const end = Math.min(from + 63, nameFrom + 253); // SPEC 2.2, 2.3
  cursor.run(LABEL_OCTET, end - from);
  if (LABEL_OCTET[cursor.octet]) cursor.refuse('host-too-long', end);
  return WORD[cursor.octets[cursor.offset - 1]];
}

function ipv6Literal(cursor) {
  const literal = { type: 'ipv6', value: rfc5952(ipv6(cursor)) };
  if (cursor.take('%')) literal.zone = zone(cursor);
  cursor.expect(']', literal.zone ? 'bad-zone' : 'bad-ipv6');
  return literal;
}

// Reads eight groups, or "::" and at most seven groups. The grammar has nine
// alternatives for this.
function ipv6(cursor) {
  const groups = [];
  let [most, gap] = [8, 8]; // how many groups, and before which of them "::"
  if (cursor.take(':') && !cursor.is(':')) cursor.fail('bad-ipv6');
  for (;;) {
    if (most === 8 && cursor.take(':')) {
      [most, gap] = [7, groups.length];
      if (gap === most || !HEXDIG[cursor.octet]) break;
    }
    const left = most - groups.length;
    const read = group(cursor, left === 2 || (left > 2 && most === 7));
    groups.push(...read);
    if (read.length === 2 || left === 1) break; // an ipv4 is always the last
    if (most === 7 && !cursor.is(':')) break;
    cursor.expect(':', 'bad-ipv6');
  }
  groups.splice(gap, 0, ...Array(8 - groups.length).fill(0));
  return groups;
}

// Reads an h16, or an ipv4 where one fits, which is two groups. Both can begin
// with the same digits, and the dot tells which it is. The dot is viable only
// after a dec-octet.
function group(cursor, ipv4Fits) {
  const from = cursor.offset;
  const octets = [ipv4Fits ? decimal(cursor, 255) : ''];
  if (octets[0] !== '' && cursor.is('.')) {
    while (octets.length < 4) {
      cursor.expect('.', 'bad-ipv6');
      octets.push(decimal(cursor, 255) || cursor.fail('bad-ipv6'));
    }
    return [0, 2].map((i) => octets[i] * 256 + Number(octets[i + 1]));
  }
  const digits = cursor.run(HEXDIG, 4, from) || cursor.fail('bad-ipv6');
  return [Number(`0x${digits}`)];
}

function rfc5952(groups) { // SPEC 3.1.4
  const full = groups.map((g) => g.toString(16)).join(':');
  const octets = (g) => [g >> 8, g & 0xff];
  const mapped = full.startsWith('0:0:0:0:0:ffff:');
  if (mapped) return `::ffff:${groups.slice(6).flatMap(octets).join('.')}`;
  const zeros = ZERO_RUNS.find((run) => run.test(full));
  return zeros ? full.replace(zeros, '::') : full;
}

function zone(cursor) { // SPEC 2.4, 3.1.5
  const from = cursor.offset;
  const rest = cursor.take('2') && cursor.take('5') ? DIGIT : ZONE_OCTET;
  return cursor.run(rest, 15, from) || cursor.fail('bad-zone');
}

// --- Unix domain sockets, SPEC 3.2
function unix(cursor) {
  const type = cursor.take('@') ? 'abstract' : 'path';
  const error = type === 'path' ? 'bad-path' : 'bad-abstract-name';
  const text = cursor.run(PATH_OCTET);
  if (text === '' || cursor.octet !== END) cursor.fail(error);
  if (type === 'path' && text.endsWith('/')) cursor.refuse(error);
  return { scheme: 'unix', type, octets: Buffer.from(text, 'latin1') };
}

// --- Inherited descriptors, SPEC 3.3
function fd(cursor) {
  const scheme = 'fd';
  const all = cursor.take('*');
  if (cursor.octet === END) return { scheme, type: all ? 'all' : 'single' };
  if (all || !FD_FIRST[cursor.octet]) cursor.refuse('bad-fd');
  // Reads beyond the digits of a number, because they may be the beginning of a
  // name (SPEC 2.7).
  const value = cursor.run(NAME_OCTET, 255);
  const number = /^[0-9]+$/.test(value) && !NAME_OCTET[cursor.octet];
  const ended = cursor.octet === END && !value.endsWith(' ');
  if (!ended) cursor.refuse(number ? 'bad-fd' : 'bad-fd-name');
  if (!number) return { scheme, type: 'name', value };
  if (fits(value, INT31)) return { scheme, type: 'number', value: +value };
  return cursor.refuse(value.startsWith('0') ? 'bad-fd' : 'fd-range');
}

// --- Windows named pipes, SPEC 3.4
function npipe(cursor) {
  if (cursor.is('/')) return pipePath(cursor, '/', '//');
  cursor.units = 256 - '\\\\.\\pipe\\'.length;
  return { scheme: 'npipe', server: '.', name: pipeName(cursor, '') };
}

function pipePath(cursor, separator, opening = '') {
  for (const char of opening) cursor.expect(char, 'bad-pipe-server');
  cursor.units = 256 - '\\\\'.length;
  const server = cursor.take('.') ? '.'
    : nameOrIpv4(cursor, separator, 'bad-pipe-server');
  cursor.expect(separator, 'bad-pipe-server');
  for (const char of 'pipe') {
    if (!cursor.take(char)) cursor.expect(char.toUpperCase(), 'bad-pipe-name');
  }
  cursor.expect(separator, 'bad-pipe-name');
  return { scheme: 'npipe', server, name: pipeName(cursor, separator) };
}

function pipeName(cursor, separator) {
  const segments = [];
  const bad = () => /^\.{0,2}$/.test(segments.at(-1)); // or not finished
  do {
    const from = cursor.offset;
    while (segAny(cursor));
    segments.push(cursor.text(from));
  } while (!bad() && cursor.take(separator));
  if (bad() || cursor.octet !== END) { // SPEC 4.2.11
    const error = cursor.octet >= 0x80 ? 'bad-utf8' : 'bad-pipe-name';
    if (segments.at(-1) === '') cursor.fail(error);
    cursor.refuse(error);
  }
  return Buffer.from(segments.join('\\'), 'latin1');
}

function segAny(cursor) {
  const { octet: first, offset: from } = cursor;
  if (!SEG_FIRST[first]) return false;
  cursor.advance();
  const length = 1 + (first >= 0xc2) + (first >= 0xe0) + (first >= 0xf0);
  const [low, high] = UTF8_SECOND[first] ?? [0x80, 0xbf];
  if (within(cursor.octet, low, high)) cursor.run(UTF8_TAIL, length, from);
  if (cursor.offset - from < length) cursor.refuse('bad-utf8');
  return true;
}

// --- Canonical spelling, SPEC 3
export function canonical(address) {
  try {
    const text = Buffer.from(SPELL[address.scheme](address), 'latin1');
    deepStrictEqual(parse(text), address);
    return text;
  } catch {
    throw new Refused('invalid-address'); // SPEC 4.3.1
  }
}

const SPELL = {
  tcp: ({ host: { type, value, zone: id }, port: number }) => {
    if (type === 'default') return 'tcp://';
    const literal = id ? `[${value}%${id}]` : `[${value}]`;
    return `tcp://${{ any: '*', ipv6: literal }[type] ?? value}:${number}`;
  },
  unix: ({ type, octets }) =>
    `unix://${type === 'abstract' ? '@' : ''}${octets.toString('latin1')}`,
  fd: ({ type, value }) => `fd://${{ single: '', all: '*' }[type] ?? value}`,
  npipe: ({ server, name }) => {
    const path = name.toString('latin1').replaceAll('\\', '/');
    const short = server === '.' && !path.includes('/');
    return short ? `npipe://${path}` : `npipe:////${server}/pipe/${path}`;
  },
};

// --- Activation, SPEC 6. A variable that is not set is undefined.
export function activation(given) {
  const { pid, pidfdid, fds, names, selfPid, selfPidfdid, limit } = given;
  if (!pid && !given.pidOptional) return { outcome: 'none' };
  const ids = [[pid, 'LISTEN_PID', INT31, selfPid]];
  if (selfPidfdid) ids.push([pidfdid, 'LISTEN_PIDFDID', UINT64, selfPidfdid]);
  for (const [value, variable, most, own] of ids) {
    const other = value && listenNumber(value, variable, most) !== String(own);
    if (other) return { outcome: 'other-process' };
  }
  if (!fds) return { outcome: 'none' };
  const count = Number(listenNumber(fds, 'LISTEN_FDS', INT31 - 3, limit));
  const list = names ? listenFdnames(names, count) : [];
  return { outcome: 'passed', count, names: list };
}

function listenNumber(value, variable, most, limit = most) {
  const cursor = new Cursor(value, Infinity, variable);
  const digits = cursor.is('0') ? '' : decimal(cursor, most);
  const whole = digits !== '' && cursor.octet === END;
  if (!whole) cursor.refuse(`bad-${variable.toLowerCase().replace('_', '-')}`);
  if (BigInt(digits) > limit) cursor.refuse('too-many-fds');
  return digits;
}

function listenFdnames(value, count) { // SPEC 2.9, 6.6
  const cursor = new Cursor(value, Infinity, 'LISTEN_FDNAMES');
  const names = [];
  do names.push(cursor.run(NAME_OCTET, 255)); while (cursor.take(':'));
  if (cursor.octet !== END) cursor.refuse('bad-listen-fdnames');
  if (names.length !== count) cursor.refuse('fdnames-count');
  return names;
}

// --- The adapter, SPEC 7
const hex = (octets) => Buffer.from(octets, 'latin1').toString('hex');
const badRequest = () => { throw new Refused('bad-request'); };
const numberOf = (field, most) => (
  /^\d{1,20}$/.test(field) && fits(field, most) ? BigInt(field) : badRequest());
const unsetOr = (field) => (field === 'unset' ? undefined : octetsOf(field));

function octetsOf(field) {
  const octets = Buffer.from(field, 'hex'); // ends before what is no HEX
  const all = field !== '' && octets.length * 2 === field.length;
  return all || field === '-' ? octets : badRequest();
}

function reply([verb, ...fields]) {
  if (verb === 'parse' && fields.length === 1) {
    const address = parse(octetsOf(fields[0]));
    const text = hex(SPELL[address.scheme](address));
    if (address.octets) address.octets = hex(address.octets);
    if (address.name) address.name = hex(address.name);
    return { ok: true, canonical: text, address };
  }
  if (verb !== 'activation' || fields.length !== 7) badRequest();
  const [pid, fds, names, pidfdid] = fields.slice(0, 4).map(unsetOr);
  const [selfPid, selfPidfdid, limit] = [INT31, UINT64, 2 ** 32 - 1]
    .map((most, i) => numberOf(fields[4 + i], most));
  const own = { selfPid, selfPidfdid, limit };
  const result = activation({ pid, pidfdid, fds, names, ...own });
  return { ok: true, ...result, names: result.names?.map(hex) };
}

function answer(line) {
  try {
    return JSON.stringify(reply(line.split(' ')));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { error: name, variable, offset } = error;
    return JSON.stringify({ ok: false, error: name, variable, offset });
  }
}

const main = process.argv[1];
if (existsSync(main) && realpathSync(main) === fileURLToPath(import.meta.url)) {
  Error.stackTraceLimit = 0; // no answer shows a stack, and it costs the most
  let rest = '';
  process.stdin.setEncoding('latin1'); // one character an octet, whichever
  for await (const chunk of process.stdin) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    process.stdout.write(lines.map((line) => `${answer(line)}\n`).join(''));
  }
  if (rest !== '') process.stdout.write(`${answer(rest)}\n`);
}
