/**
 * One round of a gateway with the room's line in Redis, atomic: it says whom it has let through, who has come to their
 * turn and who wants a place, and learns the line as it is now. Times are strings, as Redis cuts numbers to integers.
 * All keys of a room have its name as hash tag.
 *
 * What Redis has forgotten is made again from what the gateway knows, so that an empty Redis neither lets everybody in
 * nor begins the queue anew.
 */
export const ROUND = `
local room, cohorts, present, places = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local q = cjson.decode(ARGV[1])
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local function text(number) return string.format('%.3f', number) end

local h = redis.call('HMGET', room, 'clock', 'at', 'rate', 'perSecond', 'tail', 'settled', 'fixed', 'marks')
local clock, at, rate, per, tail = tonumber(h[1]), tonumber(h[2]), tonumber(h[3]), tonumber(h[4]), tonumber(h[5])
local fixed = h[7] or ''
if not clock then clock, at, rate, per, tail, fixed = q.clock, now, q.rate, q.perSecond, q.tail, q.fixed end
if q.alone then tail = math.max(tail, q.tail) end
clock = clock + math.max(0, now - at) * rate / per
if fixed ~= 'rate' then rate = q.usual end
if tail <= clock and rate > 0 then per = rate end
local step = 1000 / per

for _, user in ipairs(q.passed) do
  tail = math.max(tail, clock - q.burst) + step
  redis.call('SET', places .. user, text(clock), 'PX', q.window, 'NX')
end

local earliest = 0
-- While nobody is let in, what was not used before lets nobody in either.
if rate == 0 then earliest = clock + step end
if q.from > now then earliest = math.max(earliest, clock + (q.from - now) * rate / per) end
local dues = {}
for i, wanted in ipairs(q.enter) do
  local key = places .. wanted[1]
  local had = tonumber(redis.call('GET', key) or '')
  if had and clock - had > q.window - q.least then had = nil end
  local due = had
  if wanted[2] and (not due or wanted[2] < due) then
    due = wanted[2]
    tail = math.max(tail, due + step)
  end
  if not due and wanted[3] then
    due = math.max(tail, clock - q.burst, earliest)
    tail = due + step
    redis.call('HINCRBY', cohorts, 'i' .. math.floor(due / 1000), 1)
  end
  if due and due ~= had then
    local left = math.max(0, due - clock) / math.max(rate / per, 0.05)
    redis.call('SET', key, text(due), 'PX', math.ceil(left + 2 * q.window))
  end
  dues[i] = due and text(due) or ''
end

for _, seen in ipairs(q.seen) do redis.call('HINCRBY', cohorts, 's' .. seen[1], seen[2]) end

-- A turn is waited for in our own time: the line's may be a thousand times as fast, or stand. So this is where the line
-- was that long ago.
local marks = cjson.decode(h[8] or '[]')
if #marks == 0 or now - marks[#marks][1] >= 1000 then marks[#marks + 1] = { now, clock } end
while #marks > 1 and now - marks[2][1] >= q.settle do table.remove(marks, 1) end
local settled = tonumber(h[6]) or math.floor((clock - q.burst) / 1000) - 1
local ripe = settled
if now - marks[1][1] >= q.settle then ripe = math.floor(marks[1][2] / 1000) - 1 end
settled = math.max(settled, ripe - 1000)
while settled < ripe do
  settled = settled + 1
  local counts = redis.call('HMGET', cohorts, 'i' .. settled, 's' .. settled)
  if counts[1] then
    local missing = math.max(0, tonumber(counts[1]) - (tonumber(counts[2] or '') or 0))
    if tail > clock and rate > 0 then clock = clock + math.min(missing * step, 1000, tail - clock) end
  end
  redis.call('HDEL', cohorts, 'i' .. settled, 's' .. settled)
end

redis.call('ZADD', present, now, q.me)
redis.call('ZREMRANGEBYSCORE', present, '-inf', now - 5000)
redis.call('HSET', room, 'clock', text(clock), 'at', text(now), 'rate', rate, 'perSecond', per, 'marks', cjson.encode(marks))
redis.call('HSET', room, 'tail', text(tail), 'settled', settled)
if fixed ~= '' then redis.call('HSET', room, 'fixed', fixed) end
redis.call('PEXPIRE', room, 86400000)
redis.call('PEXPIRE', cohorts, 600000)
redis.call('PEXPIRE', present, 60000)
local gateways = redis.call('ZCARD', present)
return { text(now), text(clock), tostring(rate), tostring(per), text(tail), gateways, fixed, dues }
`;

/** The rate that operations want: a number, \`off\`, or \`default\`. The clock is taken on to now at the old rate first. */
export const TUNE = `
local h = redis.call('HMGET', KEYS[1], 'clock', 'at', 'rate', 'perSecond')
if not h[1] then return 0 end
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local clock = tonumber(h[1]) + math.max(0, now - tonumber(h[2])) * tonumber(h[3]) / tonumber(h[4])
redis.call('HSET', KEYS[1], 'clock', string.format('%.3f', clock), 'at', string.format('%.3f', now))
if ARGV[1] == 'default' then redis.call('HDEL', KEYS[1], 'fixed')
elseif ARGV[1] == 'off' then redis.call('HSET', KEYS[1], 'fixed', 'off')
else redis.call('HSET', KEYS[1], 'fixed', 'rate', 'rate', ARGV[1]) end
return 1
`;
