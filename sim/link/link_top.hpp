// SPDX-License-Identifier: Apache-2.0
// What the bench's board is: tern_link alone, or with what carries its datagrams.
#pragma once

#if defined(TERN_LINK_FRAMES)
#include "sim/link/frame_carrier.hpp"
using LinkTop = tern_bench::FrameCarrier;
#elif defined(TERN_LINK_WORDS)
#include "sim/link/word_carrier.hpp"
using LinkTop = tern_bench::WordCarrier;
#else
#include "Vtern_link.h"
using LinkTop = Vtern_link;
#endif
