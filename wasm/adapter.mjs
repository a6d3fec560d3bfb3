#!/usr/bin/env node
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// adapter.mjs FOLDER - the adapter of grammar/SPEC.md, section 7, over the package
// that build.sh has made in FOLDER
import { pathToFileURL } from 'node:url';

const { load } = await import(new URL('sbind.mjs', pathToFileURL(`${process.argv[2]}/`)));
const sbind = await load();

const INT31 = 2147483647n;
const UINT64 = 18446744073709551615n;
const BAD = { ok: false, error: 'bad-request' };
const hex = (octets) => Buffer.from(octets, 'latin1').toString('hex');

class BadRequest extends Error {}
const refuse = () => { throw new BadRequest(); };

function octetsOf(field) {
  const octets = Buffer.from(field, 'hex'); // ends before what is no HEX
  const all = field !== '' && octets.length * 2 === field.length;
  return all || field === '-' ? octets : refuse();
}

function numberOf(field, most) {
  const number = /^\d{1,20}$/.test(field) ? BigInt(field) : refuse();
  return number <= most ? number : refuse();
}

const unsetOr = (field) => (field === 'unset' ? undefined : octetsOf(field));

function refusal({ error, variable, offset }) {
  return { ok: false, error, variable, offset };
}

function parse(field) {
  const result = sbind.parse(octetsOf(field));
  if (!result.ok) return refusal(result);
  const { canonical, address } = result;
  if (address.octets) address.octets = hex(address.octets);
  if (address.scheme === 'npipe') address.name = hex(address.name);
  return { ok: true, canonical: hex(canonical), address };
}

function activation(fields) {
  const [pid, fds, names, pidfdid] = fields.slice(0, 4).map(unsetOr);
  const result = sbind.activation({
    pid,
    fds,
    names,
    pidfdid,
    selfPid: Number(numberOf(fields[4], INT31)),
    selfPidfdid: numberOf(fields[5], UINT64),
    limit: Number(numberOf(fields[6], 4294967295n)),
  });
  if (!result.ok) return refusal(result);
  return { ...result, names: result.names?.map(hex) };
}

function reply(line) {
  const [verb, ...fields] = line.split(' ');
  if (verb === 'parse' && fields.length === 1) return parse(fields[0]);
  if (verb === 'activation' && fields.length === 7) return activation(fields);
  return refuse();
}

function answer(line) {
  try {
    return JSON.stringify(reply(line));
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error;
    return JSON.stringify(BAD);
  }
}

Error.stackTraceLimit = 0; // no answer shows a stack, and it costs the most
let rest = '';
process.stdin.setEncoding('latin1');
for await (const chunk of process.stdin) {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  process.stdout.write(lines.map((line) => `${answer(line)}\n`).join(''));
}
if (rest !== '') process.stdout.write(`${answer(rest)}\n`);
