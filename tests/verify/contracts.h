/* contracts.h - the contracts of src/status/writer.c. WP proves them (see writer.c),
 * and EVA relies on them (see format.c).
 */
#include <stddef.h>
#include <string.h>

#include "../../src/status/writer.h"

/* A memcpy that copies n octets, also if n is 0, provided that both blocks have n
 * octets. */
/*@ requires \valid(to + (0 .. n - 1));
  @ requires \valid_read(from + (0 .. n - 1));
  @ requires \separated(to + (0 .. n - 1), from + (0 .. n - 1));
  @ assigns to[0 .. n - 1] \from from[0 .. n - 1];
  @ ensures \forall integer i; 0 <= i < n ==> to[i] == \old(from[i]);
  @*/
void copy(char *to, const char *from, size_t n);

/* A writer without a buffer only counts. */
/*@ predicate counts(sbind__writer *to) = to->buf == \null;
  @ predicate sound(sbind__writer *to) =
  @     \valid(to) && to->length <= to->cap &&
  @     (counts(to) || \valid(to->buf + (0 .. to->cap - 1)));
  @ predicate apart(sbind__writer *to) =
  @     counts(to) || \separated(to, to->buf + (0 .. to->cap - 1));
  @*/

/*@ requires sound: sound(to);
  @ requires apart: apart(to);
  @ requires readable: \valid_read(octets + (0 .. n - 1));
  @ requires other: counts(to) || \separated(to->buf + (0 .. to->cap - 1),
  @                                         octets + (0 .. n - 1));
  @ assigns to->length \from to->length, to->cap, n;
  @ assigns to->full \from to->full, to->length, to->cap, n;
  @ assigns to->buf[0 .. to->cap - 1]
  @     \from to->buf[0 .. to->cap - 1], octets[0 .. n - 1];
  @ ensures sound: sound(to);
  @ ensures bounded: to->length <= to->cap;
  @ ensures written: n <= \old(to->cap - to->length) ==>
  @     to->length == \old(to->length) + n && to->full == \old(to->full) &&
  @     (!counts(to) ==> \forall integer i; 0 <= i < n ==>
  @         to->buf[\old(to->length) + i] == \old(octets[i]));
  @ ensures full: n > \old(to->cap - to->length) ==>
  @     to->length == \old(to->length) && to->full;
  @ ensures kept: \forall integer i;
  @     0 <= i < \old(to->length) || to->length <= i < to->cap ==>
  @         to->buf[i] == \old(to->buf[i]);
  @*/
void sbind__put(sbind__writer *to, const char *octets, size_t n);

/*@ requires sound: sound(to);
  @ requires apart: apart(to);
  @ requires readable: valid_read_string(text);
  @ requires other: counts(to) || \separated(to->buf + (0 .. to->cap - 1),
  @                                         text + (0 .. strlen(text)));
  @ assigns to->length \from to->length, to->cap, text[0 ..];
  @ assigns to->full \from to->full, to->length, to->cap, text[0 ..];
  @ assigns to->buf[0 .. to->cap - 1]
  @     \from to->buf[0 .. to->cap - 1], text[0 ..];
  @ ensures sound: sound(to);
  @ ensures bounded: to->length <= to->cap;
  @ ensures written: \old(strlen(text)) <= \old(to->cap - to->length) ==>
  @     to->length == \old(to->length + strlen(text)) &&
  @     to->full == \old(to->full);
  @ ensures full: \old(strlen(text)) > \old(to->cap - to->length) ==>
  @     to->length == \old(to->length) && to->full;
  @*/
void sbind__put_text(sbind__writer *to, const char *text);

/*@ requires sound: sound(to) && !counts(to);
  @ requires apart: apart(to);
  @ assigns to->full \from to->full, to->length, to->cap;
  @ assigns to->buf[to->length] \from \nothing;
  @ ensures sound: sound(to);
  @ ensures ended: to->length < to->cap ==> to->buf[to->length] == 0;
  @ ensures full: to->full == (\old(to->full) || to->length == to->cap);
  @*/
void sbind__put_end(sbind__writer *to);
