-- load.lua - requests for wrk: a template whose @1@, @2@ … are filled in from
-- lines of values, so that no two requests are the same.
-- usage: wrk … -s load.lua URL -- TEMPLATE VALUES THREADS
-- Values of one column all have the same length: Content-Length stays true.
local threads = {}

function setup(thread)
  thread:set("first", #threads + 1)
  table.insert(threads, thread)
end

local function split(text)
  local parts, from = {}, 1
  for at, column, to in text:gmatch("()@(%d)@()") do
    table.insert(parts, text:sub(from, at - 1))
    table.insert(parts, tonumber(column))
    from = to
  end
  table.insert(parts, text:sub(from))
  return parts
end

local function whole(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function init(args)
  parts = split(whole(args[1]))
  lines = {}
  if #parts > 1 then
    for line in io.lines(args[2]) do
      lines[#lines + 1] = line
    end
  end
  step = tonumber(args[3])
  used = 0
end

function request()
  if #parts == 1 then
    return parts[1]
  end
  local values, out = {}, {}
  local line = lines[(first + used * step - 1) % #lines + 1]
  used = used + 1
  for value in line:gmatch("[^\t]+") do
    values[#values + 1] = value
  end
  for i, part in ipairs(parts) do
    out[i] = i % 2 == 0 and values[part] or part
  end
  return table.concat(out)
end

function done(summary, latency)
  local most, e = 0, summary.errors
  for _, thread in ipairs(threads) do
    most = math.max(most, thread:get("used"))
  end
  io.write(string.format('\n{"requests":%d,"us":%d,"p50":%d,"p99":%d,' ..
    '"errors":%d,"why":"%d connect, %d read, %d write, %d status, ' ..
    '%d timeout","used":%d}\n', summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), e.connect + e.read +
    e.write + e.status + e.timeout, e.connect, e.read, e.write, e.status,
    e.timeout, most * #threads))
end
