"""Entries of a Redis stream as records: the script that makes them, their ids, and pages of them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from rtlab.broker import WORDS, Appended, Page, Record
from rtlab.event import NEW, Cursor

# KEYS: the stream, its epoch, its keys. ARGV: data, idempotency key or "", events to keep, seconds to keep them.
# The answer: the entry, and 1 if it is new.
APPEND = """
local stream, epoch_key, keys = KEYS[1], KEYS[2], KEYS[3]
local epoch, next = redis.call('GET', epoch_key), '-*'
if redis.call('EXISTS', stream) == 0 or not epoch then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  epoch = string.format('%.0f', math.max(now, (epoch or 0) + 1))
  next = '-1'
  redis.call('SET', epoch_key, epoch)
  redis.call('DEL', stream, keys)
end
if ARGV[2] ~= '' then
  local number = redis.call('ZSCORE', keys, ARGV[2])
  if number then
    local id = epoch .. '-' .. number
    local found = redis.call('XRANGE', stream, id, id)
    if found[1] then return {found[1], 0} end
  end
end
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local id = redis.call('XADD', stream, 'MAXLEN', '~', ARGV[3], epoch .. next, 't', now, 'd', ARGV[1])
if ARGV[2] ~= '' then
  local number = tonumber(string.match(id, '-(%d+)$'))
  redis.call('ZADD', keys, number, ARGV[2])
  redis.call('ZREMRANGEBYSCORE', keys, '-inf', number - redis.call('XLEN', stream))
  redis.call('EXPIRE', keys, ARGV[4])
end
redis.call('EXPIRE', stream, ARGV[4])
redis.call('EXPIRE', epoch_key, ARGV[4])
return {{id, {'t', now, 'd', ''}}, 1}
"""


def stream_of(channel: str) -> str:
    """The key of a channel's stream."""
    return f"rtlab:{{{channel}}}"


def place_of(entry: Any) -> tuple[str, int]:
    """The epoch and the number of an entry."""
    epoch, _, number = entry[0].decode().partition("-")
    return epoch, int(number)


def record_of(entry: Any) -> Record:
    """The record that an entry is."""
    id, fields = entry
    seconds = int(fields[b"t"]) / 1000
    time = datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds")
    return Record(id.decode().replace("-", "."), time.removesuffix("+00:00") + "Z", fields[b"d"])


def appended(answer: Any, data: bytes) -> Appended:
    """What the script answered for an append of `data`."""
    (id, fields), fresh = answer
    record = record_of((id, dict(zip(fields[::2], fields[1::2], strict=True))))
    return Appended(record._replace(data=data) if fresh else record, bool(fresh))


def minimum(after: str) -> str:
    """Where XRANGE is to begin for what comes after a place."""
    if after in WORDS or after == NEW:
        return "-"
    log, number = Cursor.parse(after)
    known = log.isascii() and log.isdigit() and len(log) < 19 and isinstance(number, int)
    return f"({log}-{number}" if known else "-"


def pages(log: str, number: int, entries: list[Any]) -> list[Page]:
    """Entries that came after a place as pages: a new one wherever some are missing, or the stream is a new one."""
    made: list[Page] = []
    for entry in entries:
        epoch, at = place_of(entry)
        same = epoch == log or log == "new"
        if not made or not same or at != number + 1:
            missed = at - 1 - number if same else None
            made.append(Page(epoch, f"{epoch}.{at - 1}", [], missed))
        made[-1].records.append(record_of(entry))
        log, number = epoch, at
    return made
