// SPDX-License-Identifier: MIT OR Apache-2.0
//
// The playground shows after each key what the parser says. Before this code,
// the page has sbind.mjs, the octets of sbind.wasm, and a table of the places
// where rules and errors are described.

const EXAMPLES = [
  'tcp://127.0.0.1:8080', 'tcp://[fe80::1%eth0]:80', 'tcp://localhost:80', 'tcp://*:80',
  'unix:///run/app.sock', 'unix://@app', 'fd://web', 'fd://*', 'npipe://app',
  'tcp://127.1:80', 'tcp://:80', 'tcp://::1:80', 'tcp://127.0.0.1:65536', 'fd://03',
];
// An option of the command, its rules in the module, and what it means.
const RULES = [
  ['--absolute', { absolutePath: true }],
  ['--no-abstract', { noAbstract: true }],
  ['--loopback', { loopback: true }],
  ['--numeric', { numeric: true }],
  ['--local-pipe', { localPipe: true }],
  ['--portable', { portable: true }],
  ['--no-wildcard', { noWildcard: true }],
  ['--passed-only', { passedOnly: true }],
  ['--strict', {
    absolutePath: true, noAbstract: true, numeric: true, localPipe: true,
    noWildcard: true, passedOnly: true,
  }],
];
const SCHEME_BOXES = ['tcp', 'unix', 'fd', 'npipe'];
const QUIET = 600; // milliseconds without a key before a screen reader is told
const SHOWN = 32; // descriptors
const FIRST_FD = 3;
const LIMIT = 1021;

const $ = (id) => document.getElementById(id);
const places = JSON.parse($('places').textContent);
const utf8 = new TextDecoder();

// Makes an element with attributes and children. Text is never read as HTML.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...children);
  return made;
}

const link = (href, text) => element('a', { href }, text);

function list(pairs) {
  const made = element('dl');
  pairs.forEach(([term, value, kind]) => made.append(
    element('dt', {}, term),
    element('dd', kind ? { class: kind } : {}, ...[value].flat()),
  ));
  return made;
}

function announcer(place) {
  let timer;
  return (text) => {
    clearTimeout(timer);
    timer = setTimeout(() => { place.textContent = text; }, QUIET);
  };
}

const paragraphs = (numbers) => numbers.flatMap(
  (n, i) => [i ? ', ' : '', link(`spec.html#${n}`, n)],
);

const HOST_RULES = { default: 'tcp-default', ipv4: 'ipv4', ipv6: 'ipv6', name: 'name', any: 'any' };

function ruleOf({ scheme, type, host }) {
  if (scheme === 'tcp') return HOST_RULES[host.type];
  return scheme === 'npipe' ? 'npipe' : `${scheme}-${type}`;
}

// The rules that lead from an address to its kind. Each rule has a list of the rules that come
// next.
const HOST_STEPS = { ipv6: [['host', 'ipv6-literal'], ['ipv6-literal', 'ipv6', 'zone']] };

const LAST_STEPS = {
  'unix-path': 'path', 'unix-abstract': 'abstract-name', 'fd-number': 'number',
  'fd-name': 'socket-name',
};

function stepsOf(address) {
  const { scheme, host } = address;
  const kind = ruleOf(address);
  if (scheme === 'npipe') return [['address', 'npipe'], ['npipe']];
  if (scheme !== 'tcp') return [['address', scheme], [scheme, kind], [kind, LAST_STEPS[kind]]];
  if (host.type === 'default') return [['address', 'tcp'], ['tcp', kind]];
  return [['address', 'tcp'], ['tcp', 'tcp-endpoint'], ['tcp-endpoint', 'host', 'port'],
    ...(HOST_STEPS[host.type] ?? [['host', kind]])];
}

function step([rule, ...taken], { zone }) {
  const source = $(`diagram-${rule}`);
  if (!source) return [];
  const diagram = source.content.cloneNode(true);
  diagram.querySelectorAll('a').forEach((a) => {
    const name = a.textContent.trim();
    if (taken.includes(name) && (name !== 'zone' || zone)) {
      a.classList.add('chosen');
      a.setAttribute('aria-label', `${name}, taken`);
    }
  });
  const title = element('h3', {}, link(`${places.rules[rule].page}#${rule}`, rule));
  const label = `diagram of ${rule}, scrolls`;
  return [title, element('div', {
    class: 'diagram', tabindex: '0', role: 'group', 'aria-label': label }, diagram)];
}

let stepsOpen = false;

function steps(address) {
  const made = element('details', { class: 'steps', 'aria-label': 'rules' });
  made.open = stepsOpen;
  made.addEventListener('toggle', () => { stepsOpen = made.open; });
  made.append(
    element('summary', {}, 'The rules that matched'),
    ...stepsOf(address).flatMap((each) => step(each, address.host ?? {})),
  );
  return made;
}

function hostParts({ host, port }) {
  if (host.type === 'default') return [['host and port', 'the default of the program', 'words']];
  const kind = { ipv4: 'IPv4 address', ipv6: 'IPv6 address', name: 'host name' }[host.type];
  return [
    host.type === 'any' ? ['host', 'every address of the machine', 'words'] : [kind, host.value],
    ...(host.zone ? [['zone', host.zone]] : []),
    ['port', port === 0 ? '0, any free port' : String(port)],
  ];
}

function fdParts({ type, value }) {
  if (type === 'number') return [['descriptor', String(value)]];
  if (type === 'name') return [['name', value]];
  const all = 'every socket that was passed';
  return [['sockets', type === 'all' ? all : 'the only socket that was passed', 'words']];
}

function parts(address) {
  switch (address.scheme) {
    case 'tcp': return hostParts(address);
    case 'fd': return fdParts(address);
    case 'npipe': return [['server', address.server], ['name', utf8.decode(address.name)]];
    default: {
      const octets = `${address.octets.length} octets`;
      return [[address.type === 'path' ? 'path' : 'abstract name', utf8.decode(address.octets)],
        ['length', octets, 'words']];
    }
  }
}

// The section of the specification about the values of each scheme. A rule that several schemes
// have, such as ipv4, is cited in several sections.
const SECTIONS = { tcp: '3.1.', unix: '3.2.', fd: '3.3.', npipe: '3.4.' };

function accepted({ text, address }) {
  const rule = ruleOf(address);
  const { page, cited } = places.rules[rule];
  const own = cited.filter((n) => !n.startsWith('3.') || n.startsWith(SECTIONS[address.scheme]));
  return [
    element('p', { class: 'verdict' }, 'Accepted'),
    list([
      ...parts(address),
      ['canonical', text],
      ['rule', link(`${page}#${rule}`, rule)],
      ['specification', paragraphs(own), 'words'],
    ]),
    steps(address),
  ];
}

function caret(report) {
  const [, text, marks] = report.split('\n').map((line) => line.slice(2));
  return element(
    'pre',
    { tabindex: '0', role: 'group', 'aria-label': 'where the mistake is' },
    `${text}\n`,
    element('span', { class: 'caret' }, marks),
  );
}

function whereAndWhy({ error, offset, variable }) {
  const cited = places.errors[error];
  return list([
    ['error', element('span', { class: 'error' }, error)],
    ...(variable ? [['variable', variable]] : []),
    ...(offset === undefined ? [] : [['offset', String(offset)]]),
    ...(cited ? [['specification', paragraphs(cited), 'words']] : []),
  ]);
}

function refused(answer) {
  return [
    element('p', { class: 'verdict' }, `Refused: ${answer.message}`),
    ...(answer.report ? [caret(answer.report)] : []),
    ...(answer.hint ? [element('p', { class: 'hint' }, `Hint: ${answer.hint}`)] : []),
    whereAndWhy(answer),
  ];
}

function show(place, answer, children) {
  place.classList.toggle('is-refused', !answer.ok);
  place.replaceChildren(...children);
}

function sentence(answer) {
  if (answer.ok) return '';
  const { message, hint, offset } = answer;
  const at = offset === undefined ? '' : `, at octet ${offset + 1}`;
  return `Refused${at}: ${message}.${hint ? ` Hint: ${hint}.` : ''}`;
}

function policyRow(name, answer) {
  const verdict = answer.ok ? 'accepts' : 'refuses';
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, element('code', {}, name)),
    element('td', { class: answer.ok ? 'yes' : 'no' }, verdict),
    element('td', {}, answer.ok ? '' : answer.hint || answer.message),
  );
}

// The policies in the table: the policies above, and two policies with a value that the reader
// chooses.
function policies() {
  const schemes = SCHEME_BOXES.filter((scheme) => $(`scheme-${scheme}`).checked);
  const within = $('within').value;
  return [...RULES, [`--scheme=${schemes.join()}`, { schemes }],
    [`--within=${within}`, { within }]];
}

function showPolicies(sbind, text) {
  const checks = policies().map(([name, rules]) => [name, sbind.check(text, rules)]);
  $('policy-rows').replaceChildren(...checks.map((check) => policyRow(...check)));
  const against = checks.filter(([, check]) => !check.ok).map(([name]) => name);
  return against.length ? `Refused by ${against.join(', ')}.` : 'No policy refuses it.';
}

function showPlan({ listening, refused: never }) {
  $('plan').replaceChildren(...listening.map((line) => element('span', {}, `${line}\n`)));
  $('plan').classList.toggle('is-refused', never);
}

function addressForm(sbind) {
  const announce = announcer($('status'));
  const update = () => {
    const text = $('address').value;
    const answer = sbind.parse(text);
    const { ok } = answer;
    show($('result'), answer, ok ? accepted(answer) : refused(answer));
    ['policy-table', 'policy-choice', 'plan'].forEach((id) => { $(id).hidden = !ok; });
    ['no-policy', 'no-plan'].forEach((id) => { $(id).hidden = ok; });
    if (!ok) return announce(sentence(answer));
    showPlan(sbind.explain(text));
    const by = showPolicies(sbind, text);
    const said = parts(answer.address).map((p) => `${p[0]} ${p[1]}`).join(', ');
    return announce(`Accepted: ${said}. ${by}`);
  };
  $('address').addEventListener('input', update);
  ['within', ...SCHEME_BOXES.map((scheme) => `scheme-${scheme}`)].forEach((id) => {
    $(id).addEventListener('input', update);
  });
  EXAMPLES.forEach((text) => {
    const button = element('button', { type: 'button' }, text);
    button.addEventListener('click', () => {
      $('address').value = text;
      update();
    });
    $('examples').append(element('li', {}, button));
  });
  update();
}

function passed({ count, names }) {
  const rows = Array.from({ length: Math.min(count, SHOWN) }, (_, i) => [
    `descriptor ${FIRST_FD + i}`, names[i] || 'no name', names[i] ? '' : 'words']);
  if (count > SHOWN) rows.push(['and', `${count - SHOWN} more`, 'words']);
  const s = count === 1 ? 'socket is' : 'sockets are';
  return [element('p', { class: 'verdict' }, `${count} ${s} passed`), list(rows)];
}

const NOTHING = {
  none: 'No socket is passed: a variable is missing',
  'other-process': 'The variables are for another process',
};

function activationForm(sbind) {
  const announce = announcer($('activation-status'));
  const names = ['pid', 'fds', 'names', 'pidfdid'];
  const whole = (text) => (/^\d{1,19}$/.test(text) ? BigInt(text) : 0n);
  const update = () => {
    const input = {
      selfPid: Number(whole($('self-pid').value)),
      selfPidfdid: whole($('self-pidfdid').value),
      limit: LIMIT,
    };
    names.forEach((name) => {
      $(name).disabled = !$(`${name}-set`).checked;
      if (!$(name).disabled) input[name] = $(name).value;
    });
    const answer = sbind.activation(input);
    const empty = () => [element('p', { class: 'verdict' }, NOTHING[answer.outcome])];
    const good = () => (answer.outcome === 'passed' ? passed(answer) : empty());
    show($('activation-result'), answer, answer.ok ? good() : refused(answer));
    announce(answer.ok ? $('activation-result').textContent : sentence(answer));
  };
  names.forEach((name) => {
    $(name).addEventListener('input', update);
    $(`${name}-set`).addEventListener('change', update);
  });
  $('self-pid').addEventListener('input', update);
  $('self-pidfdid').addEventListener('input', update);
  update();
}

const octets = Uint8Array.from(atob($('wasm').textContent), (c) => c.charCodeAt(0));
const sbind = await load(octets);
addressForm(sbind);
activationForm(sbind);
document.documentElement.dataset.ready = 'yes';
