// SPDX-License-Identifier: MIT OR Apache-2.0

/** A text, taken as UTF-8, or octets. Anything else, and a text that UTF-8 cannot
 * say (half of a surrogate pair), is a TypeError. */
export type Octets = string | Uint8Array;

export type Host =
  | { type: 'default' }
  | { type: 'ipv4'; value: string }
  | { type: 'ipv6'; value: string; zone?: string }
  | { type: 'name'; value: string }
  | { type: 'any' };

/** The value of a text, as the adapter protocol has it (grammar/SPEC.md, 7.3). */
export type Address =
  | { scheme: 'tcp'; host: { type: 'default' } }
  | { scheme: 'tcp'; host: Exclude<Host, { type: 'default' }>; port: number }
  | { scheme: 'unix'; type: 'path' | 'abstract'; octets: Uint8Array }
  | { scheme: 'fd'; type: 'single' | 'all' }
  | { scheme: 'fd'; type: 'number'; value: number }
  | { scheme: 'fd'; type: 'name'; value: string }
  | { scheme: 'npipe'; server: string; name: Uint8Array };

export interface Refusal {
  ok: false;
  /** The name of the error, which never changes: "bad-port". */
  error: string;
  /** The variable that the error is in; of activation only. */
  variable?: string;
  /** The first octet that no valid text can have there. */
  offset?: number;
  /** The number of the status in sbind/status.h. */
  number: number;
  message: string;
  hint: string;
}

export interface Parsed {
  ok: true;
  /** The one spelling that all texts of this value share. */
  canonical: Uint8Array;
  /** The same as a string; what is not UTF-8 becomes U+FFFD. */
  text: string;
  address: Address;
}

/** With the report that the command shows: message, text, caret and hint. */
export type ParseResult = Parsed | (Refusal & { report: string });

/** The rules of sbind/policy.h that need nothing from outside. Any other rule or
 * scheme is a TypeError. */
export interface Policy {
  absolutePath?: boolean;
  noAbstract?: boolean;
  loopback?: boolean;
  numeric?: boolean;
  portable?: boolean;
  localPipe?: boolean;
  noWildcard?: boolean;
  passedOnly?: boolean;
  /** The schemes that are allowed; all unless given. */
  schemes?: ('tcp' | 'unix' | 'fd' | 'npipe')[];
  /** The directory that unix paths have to be below. */
  within?: Octets;
}

export interface Plan {
  ok: true;
  /** The lines that the command `sbind explain` prints. */
  listening: string[];
  /** Listening is refused, whatever the system is like. */
  refused: boolean;
}

export interface ActivationInput {
  /** LISTEN_PID, LISTEN_PIDFDID, LISTEN_FDS, LISTEN_FDNAMES; undefined: unset. */
  pid?: Octets;
  pidfdid?: Octets;
  fds?: Octets;
  names?: Octets;
  selfPid: number;
  /** The inode of the own pidfd; 0: unknown. */
  selfPidfdid?: bigint | number;
  /** LISTEN_FDS above it is refused. 1021 unless given. */
  limit?: number;
  /** An unset LISTEN_PID counts as the own one. */
  acceptMissingPid?: boolean;
}

export type ActivationResult =
  | { ok: true; outcome: 'none' | 'other-process' }
  | { ok: true; outcome: 'passed'; count: number; names: string[] }
  | Refusal;

export interface Sbind {
  parse(text: Octets): ParseResult;
  /** Would a policy accept the text on Linux, if no socket was passed? */
  check(text: Octets, policy: Policy): { ok: true } | Refusal;
  /** What would listening on the text do on Linux? Nothing is opened. */
  explain(text: Octets): Plan | Refusal;
  activation(input: ActivationInput): ActivationResult;
}

/**
 * Loads the WebAssembly module: from its URL, its octets, or compiled already.
 * Unless given, sbind.wasm beside the JavaScript file.
 */
export function load(
  source?: URL | ArrayBuffer | Uint8Array | WebAssembly.Module,
): Promise<Sbind>;
