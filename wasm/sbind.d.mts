// SPDX-License-Identifier: MIT OR Apache-2.0

/** A text, which becomes UTF-8, or octets. Anything else is a TypeError, and so
 * is a text that UTF-8 cannot express, such as half of a surrogate pair. */
export type Octets = string | Uint8Array;

export type Host =
  | { type: 'default' }
  | { type: 'ipv4'; value: string }
  | { type: 'ipv6'; value: string; zone?: string }
  | { type: 'name'; value: string }
  | { type: 'any' };

/** The value of a text, in the form of the adapter protocol (grammar/SPEC.md,
 * 7.3). */
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
  /** The variable that has the error. Only errors of activation have this. */
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
  /** The same as a string. Octets that are not UTF-8 become U+FFFD. */
  text: string;
  address: Address;
}

/** An error with the report that the command shows: message, text, caret and
 * hint. */
export type ParseResult = Parsed | (Refusal & { report: string });

/** The rules of sbind/policy.h that need no information from outside. Any other
 * rule or scheme is a TypeError. */
export interface Policy {
  absolutePath?: boolean;
  noAbstract?: boolean;
  loopback?: boolean;
  numeric?: boolean;
  portable?: boolean;
  localPipe?: boolean;
  noWildcard?: boolean;
  passedOnly?: boolean;
  /** The schemes that are allowed. If this is left out, all are. */
  schemes?: ('tcp' | 'unix' | 'fd' | 'npipe')[];
  /** The directory below which unix paths have to be. */
  within?: Octets;
}

export interface Plan {
  ok: true;
  /** The lines that the command `sbind explain` prints. */
  listening: string[];
  /** Whether listening is refused on every system. */
  refused: boolean;
}

export interface ActivationInput {
  /** LISTEN_PID, LISTEN_PIDFDID, LISTEN_FDS, LISTEN_FDNAMES; undefined: unset. */
  pid?: Octets;
  pidfdid?: Octets;
  fds?: Octets;
  names?: Octets;
  selfPid: number;
  /** The inode of the process's own pidfd. 0: unknown. */
  selfPidfdid?: bigint | number;
  /** A higher LISTEN_FDS is refused. The default is 1021. */
  limit?: number;
  /** If LISTEN_PID is not set, it counts as the id of this process. */
  acceptMissingPid?: boolean;
}

export type ActivationResult =
  | { ok: true; outcome: 'none' | 'other-process' }
  | { ok: true; outcome: 'passed'; count: number; names: string[] }
  | Refusal;

export interface Sbind {
  parse(text: Octets): ParseResult;
  /** Whether a policy would accept the text on Linux, if no socket was
   * passed. */
  check(text: Octets, policy: Policy): { ok: true } | Refusal;
  /** What listening on the text would do on Linux. Opens nothing. */
  explain(text: Octets): Plan | Refusal;
  activation(input: ActivationInput): ActivationResult;
}

/** Loads the WebAssembly module, from its URL, from its octets, or compiled
 * already. The default is sbind.wasm beside the JavaScript file.
 */
export function load(
  source?: URL | ArrayBuffer | Uint8Array | WebAssembly.Module,
): Promise<Sbind>;
