// SPDX-License-Identifier: MIT OR Apache-2.0

// Service bindings: tcp://127.0.0.1:8080, unix:///x, fd://, npipe://x.
//
// A port of sbind.abnf, activation.abnf and SPEC.md, whose paragraphs it cites.
// A reader by hand: a function for each rule, which goes on as long as some
// address could. As a program it is the adapter of SPEC 7.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Refused is why a text is not an address, or a value not that of its variable.
type Refused struct {
	Name     string `json:"error"`
	Variable string `json:"variable,omitempty"` // of the environment
	Offset   int    `json:"offset"`             // SPEC 4.1
}

func (r *Refused) Error() string { return r.Name }

// catch turns the panic of a cursor into an error.
func catch(err *error) {
	if found := recover(); found != nil {
		*err = found.(*Refused) // or panics again
	}
}

// ---- The cursor

const end, none = -1, 256 // what a cursor sees behind the text; what it never sees

type cursor struct {
	text     string
	at, used int    // octets read; units of a pipe's name, SPEC 2.6
	pipe     bool   // units count
	variable string // whose value is read; "" for an address
}

// peek is the next octet. A text that is too long is refused before anything
// else that is wrong there (SPEC 2.8).
func (c *cursor) peek() int {
	if c.at == len(c.text) {
		return end
	}
	c.refuseIf(c.at == 1024 && c.variable == "", "text-too-long") // SPEC 2.1
	return int(c.text[c.at])
}

func (c *cursor) refuseIf(wrong bool, name string) { refuseIf(wrong, name, c.variable, c.at) }

func refuseIf(wrong bool, name, variable string, offset int) {
	if wrong {
		panic(&Refused{name, variable, offset})
	}
}

// need refuses the next octet, or a text that stops too early.
func (c *cursor) need(right bool, name string) {
	if !right && c.peek() == end {
		name = "unexpected-end"
	}
	c.refuseIf(!right, name)
}

func (c *cursor) advance() bool {
	if octet := c.text[c.at]; octet >= 0xF0 {
		c.used += 2
	} else if octet < 0x80 || octet > 0xBF { // the first of a character
		c.used++
	}
	c.refuseIf(c.pipe && c.used > 256, "pipe-name-too-long")
	c.at++
	return true
}

func (c *cursor) take(octet int) bool           { return c.peek() == octet && c.advance() }
func (c *cursor) expect(octet int, name string) { c.need(c.take(octet), name) }
func (c *cursor) next(set *octets) bool         { octet := c.peek(); return octet != end && set[octet] }

// run reads what the set has, up to an offset.
func (c *cursor) run(set *octets, until int) string {
	from := c.at
	for c.at < until && c.next(set) {
		c.advance()
	}
	return c.text[from:c.at]
}

// decimal reads the longest number up to most; "" for none. Whatever begins a
// number is one itself, so this is also how far a number is viable.
func (c *cursor) decimal(most uint64) string {
	from, value := c.at, uint64(0)
	for c.next(digit) {
		d := uint64(c.peek() - '0')
		if c.at > from && value == 0 || value > (most-d)/10 {
			break
		}
		value = value*10 + d
		c.advance()
	}
	return c.text[from:c.at]
}

type octets [256]bool

// set("09AZ") has 0 to 9 and A to Z.
func set(pairs string) *octets {
	var made octets
	for i := 0; i < len(pairs); i += 2 {
		for octet := int(pairs[i]); octet <= int(pairs[i+1]); octet++ {
			made[octet] = true
		}
	}
	return &made
}

const decOctet = `(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])`

var (
	digit       = set("09")
	hexdig      = set("09AFaf")
	word        = set("09AZaz__")
	labelOctet  = set("09AZaz__--")
	zoneOctet   = set("09AZaz--..__~~")
	pathOctet   = set(" ~\x80\xFF")
	nameOctet   = set(" 9;~")
	fdFirst     = set("!),,.9;~") // name-first, or DIGIT
	segFirst    = set(" .0[]~\xC2\xF4")
	isDecOctet  = regexp.MustCompile(`\A` + decOctet + `\z`)
	isIPv4      = regexp.MustCompile(`\A` + decOctet + `(?:\.` + decOctet + `){3}\z`)
	numericLast = regexp.MustCompile(`(?:\A|\.)(?:[0-9]+|0[Xx][0-9A-Fa-f]*)\.?\z`)
	openings    = map[string]func(*cursor) Address{"tcp://": tcp, "unix://": unix, "fd://": fd, "npipe://": npipe, `\\`: unc}
)

// ---- Addresses

// Address is the value of an address, with the members of SPEC 7.3: equal when
// the same is meant (SPEC 3.0).
type Address struct {
	Scheme string `json:"scheme"`
	Host   *Host  `json:"host,omitempty"`
	Port   *int   `json:"port,omitempty"`
	Type   string `json:"type,omitempty"`
	Octets Octets `json:"octets,omitempty"` // of a path or an abstract name
	Value  any    `json:"value,omitempty"`  // a descriptor, an int or a name
	Server string `json:"server,omitempty"`
	Name   Octets `json:"name,omitempty"` // of a pipe
	Text   string `json:"-"`              // the canonical spelling, SPEC 3
}

// Host is that of a tcp address, in its canonical spelling.
type Host struct {
	Type  string `json:"type"`
	Value string `json:"value,omitempty"`
	Zone  string `json:"zone,omitempty"`
}

// Octets are written in hexadecimal.
type Octets string

func (o Octets) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString([]byte(o))), nil }

// Parse reads an address; the error is a *Refused.
func Parse(text string) (address Address, err error) {
	defer catch(&err)
	c := &cursor{text: text}
	for opening, rule := range openings {
		if c.peek() == int(opening[0]) { // no two of them begin alike
			for _, octet := range []byte(opening) {
				c.expect(int(octet), "unknown-scheme")
			}
			return rule(c), nil
		}
	}
	c.need(false, "unknown-scheme")
	return
}

func tcp(c *cursor) Address {
	if c.peek() == end {
		return Address{Scheme: "tcp", Host: &Host{Type: "default"}, Text: "tcp://"}
	}
	h, text := &Host{Type: "any"}, "*"
	switch bad := "bad-ipv6"; {
	case c.take('*'):
		c.expect(':', "bad-host")
	case c.take('['):
		h.Type, h.Value = "ipv6", ipv6(c)
		if c.take('%') {
			h.Zone, bad = zone(c), "bad-zone"
		}
		text = strings.TrimRight("["+h.Value+"%"+h.Zone, "%") + "]"
		c.expect(']', bad)
		c.expect(':', "bad-port")
	default:
		h.Type, h.Value = nameOrIPv4(c, ':', "bad-host", "numeric-host")
		text = h.Value
		c.advance()
	}
	digits := c.decimal(65535) // SPEC 4.2.8
	c.refuseIf(digits > "0" && c.next(digit), "port-range")
	c.need(digits != "" && c.peek() == end, "bad-port")
	port, _ := strconv.Atoi(digits)
	return Address{Scheme: "tcp", Host: h, Port: &port, Text: fmt.Sprintf("tcp://%s:%d", text, port)}
}

// nameOrIPv4 reads a name or an address up to its delimiter. Every beginning of an
// address is that of a name, too: "300.1" is viable.
func nameOrIPv4(c *cursor, delimiter int, bad, numeric string) (string, string) {
	from := c.at
	for label(c, from) && c.take('.') {
	}
	text := c.text[from:c.at]
	c.need(text != "" && !strings.HasSuffix(text, "-") && c.peek() == delimiter, bad)
	if isIPv4.MatchString(text) {
		return "ipv4", text
	}
	c.need(!numericLast.MatchString(text), numeric)
	return "name", strings.ToLower(text)
}

// label reads a label as far as it goes, and says whether it may end there. The
// name may have to end before this label begins (SPEC 2.2, 2.3).
func label(c *cursor, name int) bool {
	if !c.next(word) {
		return false
	}
	last := map[bool]int{true: c.at + 63, false: name + 253}[c.at+63 < name+253]
	c.run(labelOctet, last)
	refuseIf(c.next(labelOctet), "host-too-long", "", last)
	return c.text[c.at-1] != '-'
}

// ipv6 reads eight groups, or "::" and seven at most: so the nine alternatives.
func ipv6(c *cursor) string {
	from, groups, most := c.at, 0, 8
	for {
		if most == 8 && c.take(':') {
			c.need(groups > 0 || c.take(':'), "bad-ipv6")
			if most = 7; groups == most || !c.next(hexdig) {
				break
			}
		}
		left := most - groups
		read := group(c, left == 2 || left > 2 && most == 7)
		groups += read
		if read == 2 || groups == most || most == 7 && c.peek() != ':' {
			break
		}
		c.expect(':', "bad-ipv6")
	}
	return netip.MustParseAddr(c.text[from:c.at]).String() // RFC 5952, SPEC 3.1.4
}

// group reads an h16 or, where one fits, an ipv4, which counts twice. Both begin
// with digits, and the dot decides.
func group(c *cursor, ipv4Fits bool) int {
	text := c.run(hexdig, c.at+4)
	c.need(text != "", "bad-ipv6")
	if !ipv4Fits || !isDecOctet.MatchString(text) || c.peek() != '.' {
		return 1
	}
	for i := 0; i < 3; i++ {
		c.expect('.', "bad-ipv6")
		c.need(c.decimal(255) != "", "bad-ipv6")
	}
	return 2
}

func zone(c *cursor) string { // SPEC 2.4, 3.1.5
	from, rest := c.at, zoneOctet
	if c.take('2') && c.take('5') {
		rest = digit
	}
	c.run(rest, from+15)
	c.need(c.at > from, "bad-zone")
	return c.text[from:c.at]
}

func unix(c *cursor) Address {
	kind, bad := "path", "bad-path"
	if c.take('@') {
		kind, bad = "abstract", "bad-abstract-name"
	}
	text := c.run(pathOctet, len(c.text))
	c.need(text != "" && c.peek() == end, bad)
	c.refuseIf(kind == "path" && strings.HasSuffix(text, "/"), bad)
	return Address{Scheme: "unix", Type: kind, Octets: Octets(text), Text: c.text}
}

func fd(c *cursor) Address {
	if c.peek() == end {
		return Address{Scheme: "fd", Type: "single", Text: c.text}
	}
	if c.take('*') && c.peek() == end {
		return Address{Scheme: "fd", Type: "all", Text: c.text}
	}
	c.refuseIf(!c.next(fdFirst) || c.at > len("fd://"), "bad-fd")
	text := c.run(nameOctet, c.at+255) // a number may go on as a name, SPEC 2.7
	if strings.Trim(text, "0123456789") != "" || c.next(nameOctet) {
		c.refuseIf(c.peek() != end || strings.HasSuffix(text, " "), "bad-fd-name")
		return Address{Scheme: "fd", Type: "name", Value: text, Text: c.text}
	}
	c.refuseIf(c.peek() != end, "bad-fd")
	number, _ := strconv.ParseUint(text, 10, 64) // the greatest of those that are greater
	c.refuseIf(text[0] == '0' && text != "0", "bad-fd")
	c.refuseIf(number > 1<<31-1, "fd-range")
	return Address{Scheme: "fd", Type: "number", Value: number, Text: c.text}
}

func npipe(c *cursor) Address {
	if c.take('/') {
		c.expect('/', "bad-pipe-server")
		return pipePath(c, '/')
	}
	c.pipe, c.used = true, len(`\\.\pipe\`)
	return pipe(".", segments(c, none))
}

func unc(c *cursor) Address { return pipePath(c, '\\') }

func pipePath(c *cursor, separator int) Address {
	c.pipe, c.used = true, len(`\\`)
	server := "."
	if !c.take('.') {
		_, server = nameOrIPv4(c, separator, "bad-pipe-server", "bad-pipe-server")
	}
	c.expect(separator, "bad-pipe-server")
	for _, letter := range []byte("pipe") {
		c.need(c.take(int(letter)) || c.take(int(letter-'a'+'A')), "bad-pipe-name")
	}
	c.expect(separator, "bad-pipe-name")
	return pipe(server, segments(c, separator))
}

func pipe(server string, name Octets) Address { // SPEC 3.4.2
	text := strings.ReplaceAll(string(name), `\`, "/")
	if server != "." || strings.Contains(text, "/") {
		text = "//" + server + "/pipe/" + text
	}
	return Address{Scheme: "npipe", Server: server, Name: name, Text: "npipe://" + text}
}

// segments reads them, joined by a backslash (SPEC 3.4.1, 4.2.11).
func segments(c *cursor, separator int) Octets {
	for read := ""; ; read += `\` {
		from, bad := c.at, "bad-pipe-name"
		for c.next(segFirst) {
			character(c)
		}
		segment := c.text[from:c.at]
		if c.peek() >= 0x80 {
			bad = "bad-utf8"
		}
		c.need(segment != "", bad)
		c.refuseIf(segment == "." || segment == "..", bad)
		read += segment
		if c.peek() == end {
			return Octets(read)
		}
		c.expect(separator, bad)
	}
}

func character(c *cursor) {
	from := c.at
	for c.advance(); !utf8.FullRuneInString(c.text[from:c.at]); c.advance() {
		c.refuseIf(c.peek() == end || utf8.FullRuneInString(c.text[from:c.at+1]) &&
			!utf8.ValidString(c.text[from:c.at+1]), "bad-utf8")
	}
}

// ---- Activation, SPEC 6

// Passed is what activation came to: none, other-process, or passed.
type Passed struct {
	Outcome string    `json:"outcome"`
	Count   uint64    `json:"count,omitempty"`
	Names   *[]Octets `json:"names,omitempty"`
}

// Activation says what was passed, by the four variables, of which some may be
// missing. The id of the own pidfd is 0 when unknown. The error is a *Refused.
func Activation(variables map[string]string, pid, pidfdid, limit uint64) (passed *Passed, err error) {
	defer catch(&err)
	has := func(name string) bool { _, set := variables[name]; return set }
	switch {
	case !has("LISTEN_PID"):
		return &Passed{Outcome: "none"}, nil
	case listenNumber(variables, "LISTEN_PID", 1<<31-1) != pid,
		has("LISTEN_PIDFDID") && pidfdid != 0 &&
			listenNumber(variables, "LISTEN_PIDFDID", 1<<64-1) != pidfdid:
		return &Passed{Outcome: "other-process"}, nil
	case !has("LISTEN_FDS"):
		return &Passed{Outcome: "none"}, nil
	}
	count, names := listenNumber(variables, "LISTEN_FDS", 1<<31-4), []Octets{}
	refuseIf(count > limit, "too-many-fds", "LISTEN_FDS", len(variables["LISTEN_FDS"]))
	if text, set := variables["LISTEN_FDNAMES"]; set {
		names = listenFDNames(text)
		refuseIf(uint64(len(names)) != count, "fdnames-count", "LISTEN_FDNAMES", len(text))
	}
	return &Passed{"passed", count, &names}, nil
}

func listenNumber(variables map[string]string, name string, most uint64) uint64 {
	c := &cursor{text: variables[name], variable: name}
	right := c.peek() != '0' && c.decimal(most) != "" && c.peek() == end
	c.refuseIf(!right, "bad-"+strings.ToLower(strings.ReplaceAll(name, "_", "-")))
	read, _ := strconv.ParseUint(c.text, 10, 64)
	return read
}

func listenFDNames(text string) []Octets { // SPEC 2.9
	c := &cursor{text: text, variable: "LISTEN_FDNAMES"}
	names := []Octets{Octets(c.run(nameOctet, 255))}
	for c.take(':') {
		names = append(names, Octets(c.run(nameOctet, c.at+255)))
	}
	c.refuseIf(c.peek() != end, "bad-listen-fdnames")
	return names
}

// ---- The adapter, SPEC 7

const hexOrEmpty = `-|(?:[0-9a-f]{2})+`

var isRequest = regexp.MustCompile(`\A(?:parse (` + hexOrEmpty + `)|activation` +
	strings.Repeat(` (unset|`+hexOrEmpty+`)`, 4) + strings.Repeat(` ([0-9]+)`, 3) + `)\z`)

func octetsOf(field string) string {
	octets, _ := hex.DecodeString(strings.Trim(field, "-"))
	return string(octets)
}

// reply is what follows "ok" in an answer; nil to what is no request.
func reply(line string) (said any, err error) {
	field := isRequest.FindStringSubmatch(line)
	if field == nil {
		return nil, nil
	} else if field[1] != "" {
		address, err := Parse(octetsOf(field[1]))
		return struct {
			Canonical Octets  `json:"canonical"`
			Address   Address `json:"address"`
		}{Octets(address.Text), address}, err
	}
	variables, numbers := map[string]string{}, [3]uint64{}
	for i, name := range []string{"PID", "FDS", "FDNAMES", "PIDFDID"} {
		if field[2+i] != "unset" {
			variables["LISTEN_"+name] = octetsOf(field[2+i])
		}
	}
	for i, bits := range []int{31, 64, 32} {
		if numbers[i], err = strconv.ParseUint(field[6+i], 10, bits); err != nil {
			return nil, nil
		}
	}
	return Activation(variables, numbers[0], numbers[1], numbers[2])
}

// answer is a line of JSON, with its newline.
func answer(line string) []byte {
	said, err := reply(line)
	if said == nil {
		return []byte(`{"ok":false,"error":"bad-request"}` + "\n")
	}
	if err != nil {
		said = err
	}
	text := bytes.NewBufferString("")
	encoder := json.NewEncoder(text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(said) // into memory, and all of it can be said
	return append([]byte(fmt.Sprintf(`{"ok":%t,`, err == nil)), text.Bytes()[1:]...)
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<30)
	for in.Scan() { // os.Stdout has no buffer
		if _, err := os.Stdout.Write(answer(in.Text())); err != nil {
			os.Exit(1)
		}
	}
}
