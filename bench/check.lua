-- wrk script: sends one fixed request and looks at every reply. Arguments, after "--":
--   method=POST  header=name: value  body=FILE  tokens=FILE  status=200  expect=BODY (repeatable: any of them will do)
--   contain=TEXT (repeatable: all of them must be in the body, whatever else is)
-- The last line printed is one JSON object; wrk.ts reads it.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  wanted, bodies, parts, wrong, seen, sample = 200, {}, {}, 0, {}, ""
  for _, arg in ipairs(args) do
    local key, value = arg:match("^(%a+)=(.*)$")
    if key == "method" then
      wrk.method = value
    elseif key == "header" then
      local name, text = value:match("^([^:]+): (.*)$")
      wrk.headers[name] = text
    elseif key == "body" then
      local file = assert(io.open(value, "rb"))
      wrk.body = file:read("*a")
      file:close()
    elseif key == "tokens" then
      bearer(value)
    elseif key == "status" then
      wanted = tonumber(value)
    elseif key == "expect" then
      table.insert(seen, 0)
      bodies[value] = #seen
    elseif key == "contain" then
      seen[1] = 0
      table.insert(parts, value)
    end
  end
end

-- Every request with the next line of the file as its bearer token; the requests are made before the first is sent.
function bearer(path)
  local prepared, at = {}, 0
  for token in io.lines(path) do
    wrk.headers["authorization"] = "Bearer " .. token
    table.insert(prepared, wrk.format())
  end
  request = function()
    at = at % #prepared + 1
    return prepared[at]
  end
end

local function containing(body)
  if #parts == 0 then return nil end
  for _, part in ipairs(parts) do
    if not body:find(part, 1, true) then return nil end
  end
  return 1
end

function response(status, headers, body)
  local index = bodies[body] or containing(body)
  if index and status == wanted then
    seen[index] = seen[index] + 1
    return
  end
  wrong = wrong + 1
  if wrong == 1 then sample = status .. " " .. body:sub(1, 200) end
end

local function quoted(text)
  return '"' .. text:gsub('[%c\128-\255"\\]', "?") .. '"'
end

function done(summary, latency, requests)
  local wrongs, seens, first = 0, {}, ""
  for _, thread in ipairs(threads) do
    wrongs = wrongs + thread:get("wrong")
    for index, count in ipairs(thread:get("seen")) do seens[index] = (seens[index] or 0) + count end
    if first == "" then first = thread:get("sample") end
  end
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"microseconds":%d,"wrong":%d,"sample":%s,"seen":[%s],' ..
    '"connect":%d,"read":%d,"write":%d,"timeout":%d,"p50":%d,"p99":%d}',
    summary.requests, summary.duration, wrongs, quoted(first), table.concat(seens, ","),
    errors.connect, errors.read, errors.write, errors.timeout,
    latency:percentile(50), latency:percentile(99)
  ))
end
