"""Bytes of whole lines -> where each line went, and the bits of every whole AIS message. One compiled pass; what waits is kept."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from seaward.feeds.ais_bits import (
    ACCEPTED,
    EMPTY_PAYLOAD,
    IGNORED,
    INCOMPLETE,
    LAT_PLACE,
    LON_PLACE,
    MALFORMED,
    NOT_NMEA,
    OTHER,
    PAYLOAD_CHARACTER,
    PAYLOAD_LENGTH,
    PENDING,
    POSITION_RANGE,
    TAG_CHECKSUM,
    TIME_RANGE,
    beyond,
    head_verdict,
    verdict,
)
from seaward.feeds.ais_fields import FIELDS
from seaward.feeds.batch import EARLIEST_US, LATEST_US
from seaward.feeds.nmea_parts import MAX_AGE, MAX_CHARS, MAX_PARTS, PART_WORDS, SLOTS, find, join, release
from seaward.feeds.nmea_sentence import (
    ACTIVE,
    GATEHOUSE_AT,
    HEX_OF,
    LINES,
    SENTENCES,
    TAG_AT,
    TAG_GROUP,
    TAG_STATION,
    end_of_line,
    not_ais,
    tag_block,
    trim,
)
from seaward.feeds.nmea_time import NO_TIME, stamp_us

UNSEEN: Final = 255
_ARMOUR = np.full(256, 64, np.uint8)  # IEC 61162-1 six-bit characters; 64 for all others
_ARMOUR[48:88] = np.arange(40)
_ARMOUR[96:120] = np.arange(40, 64)


class Lines(NamedTuple):
    """Start and end [byte of the piece] and code of each line."""

    start: NDArray[np.int32]
    end: NDArray[np.int32]
    code: NDArray[np.uint8]


class Messages(NamedTuple):
    """Whole messages: first word, bits, place in the input [byte], time [us], talker as two bytes, channel, station as a hash and where it stands."""

    word: NDArray[np.int64]
    bits: NDArray[np.int32]
    offset: NDArray[np.int64]
    length: NDArray[np.int32]
    at: NDArray[np.int64]
    talker: NDArray[np.uint16]
    channel: NDArray[np.uint8]
    station: NDArray[np.int64]


def room(n_bytes: int, n_lines: int) -> tuple[Lines, Messages, NDArray[np.int64], NDArray[np.int64]]:
    """Space for the results of a piece: lines, messages, words, and what became of lines of earlier pieces."""
    n = n_bytes // 15 + 16  # no sentence is shorter
    lines = Lines(np.empty(n_lines, np.int32), np.empty(n_lines, np.int32), np.empty(n_lines, np.uint8))
    messages = Messages(np.empty(n, np.int64), np.empty(n, np.int32), np.empty(n, np.int64), np.empty(n, np.int32), np.empty(n, np.int64),
                        np.empty(n, np.uint16), np.empty(n, np.uint8), np.empty(n, np.int64))  # fmt: skip
    n_words = n_bytes // 5 + SLOTS * MAX_PARTS * PART_WORDS + 64
    return lines, messages, np.empty(n_words, np.int64), np.empty((SLOTS * MAX_PARTS + 16, 2), np.int64)


@njit(cache=True, nogil=True, error_model="numpy")
def _mark(lines, state, resolved, n_resolved, line, start, code):
    """Note what became of a line, by its number in the input; a line that gave a row is accepted, whatever else stood on it."""
    i = line - state[LINES]
    if i < 0:
        resolved[n_resolved, 0], resolved[n_resolved, 1] = start, code
        return n_resolved + 1
    was = lines.code[i]
    if was in (UNSEEN, OTHER) or code == ACCEPTED or (was == PENDING and code != OTHER):
        lines.code[i] = code
    elif code == PENDING and was != ACCEPTED:
        lines.code[i] = PENDING
    return n_resolved


@njit(cache=True, nogil=True, error_model="numpy")
def drop(waiting, state, lines, resolved, n_resolved, i):
    """Give up the message at place `i` of the order: its parts are incomplete."""
    s = waiting.order[i]
    for k in range(MAX_PARTS):
        if waiting.line[s, k] >= 0:
            n_resolved = _mark(lines, state, resolved, n_resolved, waiting.line[s, k], waiting.start[s, k], INCOMPLETE)
    release(waiting, state[ACTIVE], i)
    state[ACTIVE] -= 1
    return n_resolved


@njit(cache=True, nogil=True, error_model="numpy")
def scan(data, offset, state, waiting, lines, messages, words, resolved):
    """Read a piece that begins at byte `offset` of the input; returns lines, messages, and lines of earlier pieces resolved."""
    n, p = len(data), 0
    n_lines, n_messages, n_words, n_resolved = 0, 0, 0, 0
    found = np.zeros(6, np.int64)
    starts, ends, codes = lines.start, lines.end, lines.code
    m_word, m_bits, m_offset, m_length, m_at, m_talker, m_channel, m_station = messages
    while p < n:
        start, i_line = p, n_lines
        line = state[LINES] + i_line
        starts[i_line], codes[i_line] = start, UNSEEN
        n_lines += 1
        own_at, group, station = NO_TIME, np.int64(0), np.int64(0)
        end = -1
        if data[p] != 33 and data[p] != 36:  # not ! nor $: blank, comment, TAG block, or something before the sentence
            end = end_of_line(data, p)
            first = p
            while first < end and data[first] in (32, 9, 13):
                first += 1
            stop = trim(data, first, end)
            if first == stop or data[first] == 35:
                ends[i_line], codes[i_line] = stop, IGNORED
                p = end + 1
                continue
            q, tagged, code = first, False, UNSEEN
            while q < stop and data[q] not in (33, 36, 92):
                q += 1
            if q < stop and q > first:
                own_at = stamp_us(data, first, q)
            while q < stop and data[q] == 92:
                found[0], found[1], found[2], found[5] = NO_TIME, 0, 0, 0
                q = tag_block(data, q, stop, found)
                if q < 0:
                    code, q = NOT_NMEA, stop
                    break
                tagged = True
                if found[5]:
                    own_at = found[0] if found[0] != NO_TIME else own_at
                    group = found[1] if found[1] else group
                    station = found[2] if found[2] else station
            while q < stop and data[q] in (32, 9):
                q += 1
            if code == UNSEEN:
                if q == stop and tagged:
                    if found[5]:
                        state[TAG_AT], state[TAG_GROUP], state[TAG_STATION] = own_at, group, station
                        code = OTHER
                    else:
                        code = TAG_CHECKSUM
                elif q == stop or (data[q] != 33 and data[q] != 36):
                    code = NOT_NMEA
            if code != UNSEEN:
                ends[i_line], codes[i_line] = stop, code
                p = end + 1
                continue
            p = q
        while True:  # one sentence, and further ones that stand behind a line end written as text
            q, good, x = p, False, np.uint8(0)
            total, part, sequence, channel = np.int64(0), np.int64(0), np.int64(0), np.uint8(0)
            chars, illegal, word, rest, at_word, fill = np.int64(0), np.uint8(0), np.int64(0), np.int64(0), n_words, np.int64(0)
            ais = p + 14 < n and data[p + 3] == 86 and data[p + 4] == 68 and (data[p + 5] == 77 or data[p + 5] == 79)  # VDM, VDO
            if ais and data[p + 6] == 44 and data[p + 8] == 44:
                x = data[p + 1] ^ data[p + 2] ^ data[p + 3] ^ data[p + 4] ^ data[p + 5] ^ data[p + 7] ^ data[p + 9] ^ data[p + 10]
                total, part = np.int64(data[p + 7]) - 48, np.int64(data[p + 9]) - 48
                if data[p + 10] == 44 and 1 <= total <= 9 and 1 <= part <= total:
                    q = p + 11
                    while q < n and 48 <= data[q] <= 57 and q < p + 14:
                        sequence = sequence * 10 + (np.int64(data[q]) - 47)
                        x ^= data[q]
                        q += 1
                    if q < n and data[q] == 44:
                        q += 1
                        x ^= 44
                        if q < n and data[q] != 44 and data[q] > 32 and data[q] != 42:
                            channel = data[q]
                            x ^= channel
                            q += 1
                        if q < n and data[q] == 44:
                            q += 1
                            while q + 10 < n:  # ten characters are a word
                                both, seen, ten = np.uint8(0), np.uint8(0), np.int64(0)
                                for k in range(10):
                                    c = data[q + k]
                                    six = _ARMOUR[c]
                                    both ^= c
                                    seen |= six
                                    ten = (ten << 6) | np.int64(six)
                                if seen & 64:
                                    break
                                x ^= both
                                words[at_word] = ten
                                at_word += 1
                                chars += 10
                                q += 10
                            while q < n:
                                c = data[q]
                                six = _ARMOUR[c]
                                if six & 64:
                                    if c == 44 or c == 10 or c == 42:  # noqa: PLR1714 - a set is slow here
                                        break
                                    illegal = six
                                x ^= c
                                word = (word << 6) | np.int64(six & 63)
                                chars += 1
                                rest += 1
                                if rest == 10:
                                    words[at_word] = word
                                    at_word += 1
                                    rest, word = 0, np.int64(0)
                                q += 1
                            # (',' behind the channel) ^ (',' behind the payload) is nothing, so x needs neither
                            if q + 4 < n and data[q] == 44 and 48 <= data[q + 1] <= 53 and data[q + 2] == 42:
                                fill = np.int64(data[q + 1]) - 48
                                x ^= data[q + 1]
                                high, low = HEX_OF[data[q + 3]], HEX_OF[data[q + 4]]
                                good = high < 16 and low < 16 and high * 16 + low == x
                                q += 5
            # the two commas at p + 6 and p + 8 cancel as well
            code, more = UNSEEN, False
            if not good:
                end = end_of_line(data, p) if end < 0 else end
                stop = trim(data, p, end)
                code = not_ais(data, p, stop, state)
                ends[i_line] = stop
            else:
                if q < n and data[q] == 13:
                    q += 1
                if q >= n or data[q] == 10:
                    ends[i_line], end = q - (1 if data[q - 1] == 13 else 0), q
                else:
                    end = end_of_line(data, q) if end < 0 else end
                    stop = trim(data, q, end)
                    ends[i_line] = stop
                    if stop > q:
                        ended = stop > q + 5 and data[q] == 92 and data[q + 1] == 114 and data[q + 2] == 92 and data[q + 3] == 110
                        if ended and data[q + 4] in (33, 36):
                            more = True
                        elif data[q] in (44, 59, 32, 9):
                            last = stop
                            while last > q and data[last - 1] not in (44, 59, 32, 9):
                                last -= 1
                            stamped = stamp_us(data, last, stop)
                            own_at = stamped if own_at == NO_TIME else own_at
                        elif data[q] != 92 and data[q] != 0:
                            code = MALFORMED
            if good and code == UNSEEN:
                own_at = own_at if own_at != NO_TIME else state[TAG_AT]
                at = own_at if own_at != NO_TIME else state[GATEHOUSE_AT]
                group = group if group else state[TAG_GROUP]
                station = station if station else state[TAG_STATION]
                state[TAG_AT], state[TAG_GROUP], state[TAG_STATION] = NO_TIME, 0, 0
                state[SENTENCES] += 1
                if chars == 0:
                    code = EMPTY_PAYLOAD
                elif chars > MAX_CHARS:
                    code = PAYLOAD_LENGTH
                elif illegal >= 64:
                    code = PAYLOAD_CHARACTER
                elif at != NO_TIME and not EARLIEST_US <= at <= LATEST_US:
                    code = TIME_RANGE
                else:
                    if rest:
                        words[at_word] = word << (6 * (10 - rest))
                        at_word += 1
                    words[at_word] = 0
                    talker = (np.uint16(data[p + 1]) << 8) | np.uint16(data[p + 2])
                    if total == 1:
                        n_bits = 6 * chars - fill
                        code = head_verdict(words[n_words], words[n_words + 2] if n_bits > 120 else np.int64(0), n_bits)
                        if code < 0:  # as `verdict`, whose call would cost more than its work
                            lon, lat = LON_PLACE[-code], LAT_PLACE[-code]
                            at_lon, at_lat = n_words + FIELDS[lon, 6], n_words + FIELDS[lat, 6]
                            wrong = beyond(words[at_lon], words[at_lon + 1], lon, 180) or beyond(words[at_lat], words[at_lat + 1], lat, 90)
                            code = POSITION_RANGE if wrong else ACCEPTED
                        if code == ACCEPTED:
                            m = n_messages
                            m_word[m], m_bits[m], m_at[m] = n_words, n_bits, at
                            m_offset[m], m_length[m] = offset + start, ends[i_line] - start
                            m_talker[m], m_channel[m], m_station[m] = talker, channel, station
                            n_messages += 1
                            n_words = at_word + 1
                    else:
                        key = ((np.int64(talker) * 2 + (data[p + 5] & 2) // 2) * 10 + total) * 4096 + sequence
                        key = key * 256 + channel
                        while state[ACTIVE] and state[SENTENCES] - waiting.born[waiting.order[0]] > MAX_AGE:
                            n_resolved = drop(waiting, state, lines, resolved, n_resolved, 0)
                        i = find(waiting, state[ACTIVE], key, group, station, part - 1, own_at, at)
                        if i < 0:
                            if state[ACTIVE] == SLOTS:
                                n_resolved = drop(waiting, state, lines, resolved, n_resolved, 0)
                            i = state[ACTIVE]
                            state[ACTIVE] += 1
                            s = waiting.order[i]
                            waiting.key[s], waiting.group[s], waiting.station[s], waiting.born[s] = key, 0, 0, state[SENTENCES]
                        s, k = waiting.order[i], part - 1
                        waiting.group[s] = group if group else waiting.group[s]
                        waiting.station[s] = station if station else waiting.station[s]
                        waiting.own_at[s, k], waiting.at[s, k], waiting.line[s, k] = own_at, at, line
                        waiting.start[s, k], waiting.end[s, k] = offset + start, offset + ends[i_line]
                        waiting.chars[s, k], waiting.fill[s, k] = chars, fill
                        for w in range(at_word - n_words):
                            waiting.words[s, k, w] = words[n_words + w]
                        waiting.have[s] += 1
                        code = PENDING
                        if waiting.have[s] == total:
                            n_bits = join(waiting, s, total, words, n_words)
                            code = verdict(words, n_words, n_bits)
                            low, high, at = waiting.start[s, 0], waiting.end[s, 0], NO_TIME
                            for j in range(total):
                                low, high = min(low, waiting.start[s, j]), max(high, waiting.end[s, j])
                                at = waiting.own_at[s, j] if at == NO_TIME else at
                                n_resolved = _mark(lines, state, resolved, n_resolved, waiting.line[s, j], waiting.start[s, j], code)
                            for j in range(total):
                                at = waiting.at[s, j] if at == NO_TIME else at
                            if code == ACCEPTED:
                                m = n_messages
                                m_word[m], m_bits[m], m_at[m] = n_words, n_bits, at
                                m_offset[m], m_length[m] = low, high - low
                                m_talker[m], m_channel[m], m_station[m] = talker, channel, waiting.station[s]
                                n_messages += 1
                                n_words += (n_bits + 5) // 60 + 3
                            release(waiting, state[ACTIVE], i)
                            state[ACTIVE] -= 1
            if codes[i_line] == UNSEEN:
                codes[i_line] = code
            else:
                n_resolved = _mark(lines, state, resolved, n_resolved, line, offset + start, code)
            if not more:
                break
            p = q + 4
        p = end + 1
    state[LINES] += n_lines
    return n_lines, n_messages, n_resolved


@njit(cache=True, nogil=True, error_model="numpy")
def give_up(state, waiting, lines, resolved):
    """At the end of the input, what still waits is incomplete; returns how many entries of `resolved` say so."""
    n_resolved = 0
    while state[ACTIVE]:
        n_resolved = drop(waiting, state, lines, resolved, n_resolved, 0)
    return n_resolved
