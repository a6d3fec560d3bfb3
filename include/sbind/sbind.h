/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * sbind/sbind.h - everything
 */
#ifndef SBIND_SBIND_H
#define SBIND_SBIND_H

#include <sbind/activation.h>
#include <sbind/connect.h>
#include <sbind/listen.h>
#include <sbind/notify.h>
#include <sbind/parse.h>
#include <sbind/pass.h>
#include <sbind/peer.h>
#include <sbind/policy.h>
#include <sbind/status.h>
#include <sbind/stream.h>
#include <sbind/version.h>

#endif
