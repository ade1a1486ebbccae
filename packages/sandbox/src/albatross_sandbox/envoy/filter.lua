-- What a load balancer does to requests and responses that Envoy has no setting for.
-- Everything it needs stands in the route's metadata: {listener, redirect, authenticate, cookies, claims, response}.


math.randomseed(os.time())
local NAMES = { [301] = "301 Moved Permanently", [302] = "302 Found", [401] = "401 Authorization Required" }

local function page(status)
  local name = NAMES[status]
  return "<html>\r\n<head><title>" .. name .. "</title></head>\r\n<body>\r\n<center><h1>" .. name
    .. "</h1></center>\r\n</body>\r\n</html>\r\n"
end

local function answer(handle, status, extra)
  local headers = { [":status"] = tostring(status), ["content-type"] = "text/html" }
  for name, value in pairs(extra or {}) do headers[name] = value end
  handle:respond(headers, page(status))
end

local function host_only(authority)
  return (authority:gsub(":%d+$", ""))
end

-- The parts of the URL that the client asked for, by the names of AWS's placeholders.
local function parts(handle, listener)
  local path, query = (handle:headers():get(":path") or "/"):match("^/?([^?]*)%??(.*)$")
  return {
    protocol = listener.protocol,
    host = host_only(handle:headers():get(":authority") or ""),
    port = listener.port,
    path = path,
    query = query,
  }
end

local function fill(template, values)
  return (template:gsub("#{(%a+)}", values))
end

local function redirect(handle, to, listener)
  local values = parts(handle, listener)
  local query = fill(to.query, values)
  local location = fill(to.protocol, values):lower() .. "://" .. fill(to.host, values) .. ":" .. fill(to.port, values)
    .. fill(to.path, values) .. (query ~= "" and "?" .. query or "")
  answer(handle, tonumber(to.status), { location = location })
end

local function escape(text)
  return (text:gsub("[^%w%-._~]", function(char) return string.format("%%%02X", char:byte()) end))
end

local function hex(digits)
  local out = {}
  for i = 1, digits do out[i] = string.format("%x", math.random(0, 15)) end
  return table.concat(out)
end

-- Nobody can log in to the sandbox, so every request is an unauthenticated one. True: the request has been answered.
local function authenticate(handle, how, listener)
  if how.on_unauthenticated == "allow" then return false end
  if how.on_unauthenticated == "deny" then
    answer(handle, 401)
    return true
  end
  local values = parts(handle, listener)
  local back = values.protocol:lower() .. "://" .. (handle:headers():get(":authority") or "") .. "/oauth2/idpresponse"
  local location = how.endpoint .. (how.endpoint:find("?", 1, true) and "&" or "?") .. "client_id=" .. escape(how.client_id)
    .. "&redirect_uri=" .. escape(back) .. "&response_type=code&scope=" .. escape(how.scope) .. "&state=" .. hex(32)
  for name, value in pairs(how.extra) do location = location .. "&" .. escape(name) .. "=" .. escape(value) end
  answer(handle, 302, { location = location })
  return true
end

local function contains(values, wanted)
  for _, value in pairs(values) do if value == wanted then return true end end
  return false
end

local function carried(claim, value)
  if claim.format == "space-separated-values" and type(value) == "string" then
    for word in value:gmatch("%S+") do if contains(claim.values, word) then return true end end
    return false
  end
  if type(value) == "table" then
    for _, each in pairs(value) do if contains(claim.values, each) then return true end end
    return false
  end
  return value ~= nil and contains(claim.values, tostring(value))
end

local function claimed(handle, claims)
  local payload = (handle:streamInfo():dynamicMetadata():get("envoy.filters.http.jwt_authn") or {}).payload or {}
  for _, claim in pairs(claims) do if not carried(claim, payload[claim.name]) then return false end end
  return true
end

-- https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-request-tracing.html
local function trace(headers)
  local own = string.format("1-%08x-%s", os.time(), hex(24))
  local given = headers:get("x-amzn-trace-id")
  if given == nil or given == "" then return "Root=" .. own end
  if not given:find("Root=", 1, true) then return "Root=" .. own .. ";" .. given end
  local rest = given:gsub("Self=[^;]*;?", ""):gsub(";$", "")
  return "Self=" .. own .. ";" .. rest
end

local function forwarded(headers, source, listener)
  if listener.forwarded == "preserve" then return end
  if listener.forwarded == "remove" then
    headers:remove("x-forwarded-for")
    return
  end
  local client = listener.client_port and source or host_only(source)
  local given = headers:get("x-forwarded-for")
  headers:replace("x-forwarded-for", given and given ~= "" and given .. ", " .. client or client)
end

-- https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#host-header-preservation
local function host(headers, listener)
  if listener.preserve_host then return end
  local authority = headers:get(":authority") or ""
  if listener.port == "80" or listener.port == "443" then
    headers:replace(":authority", host_only(authority))
  elseif not authority:find(":%d+$") then
    headers:replace(":authority", authority .. ":" .. listener.port)
  end
end

local function drop_invalid(headers)
  local wrong = {}
  for name in pairs(headers) do
    if name:sub(1, 1) ~= ":" and not name:find("^[%w-]+$") then wrong[#wrong + 1] = name end
  end
  for _, name in ipairs(wrong) do headers:remove(name) end
end

local function date(seconds)
  return os.date("!%Y-%m-%dT%H:%M:%SZ", seconds)
end

-- https://docs.aws.amazon.com/elasticloadbalancing/latest/application/mutual-authentication.html#mutual-auth-headers
local function client_certificate(headers, connection, listener)
  local pem = connection:urlEncodedPemEncodedPeerCertificate()
  if listener.mutual == "passthrough" then
    headers:replace("x-amzn-mtls-clientcert", pem)
    return
  end
  headers:replace("x-amzn-mtls-clientcert-serial-number", connection:serialNumberPeerCertificate():upper())
  headers:replace("x-amzn-mtls-clientcert-issuer", connection:issuerPeerCertificate())
  headers:replace("x-amzn-mtls-clientcert-subject", connection:subjectPeerCertificate())
  headers:replace("x-amzn-mtls-clientcert-validity", "NotBefore=" .. date(connection:validFromPeerCertificate()) .. ";NotAfter="
    .. date(connection:expirationPeerCertificate()))
  headers:replace("x-amzn-mtls-clientcert-leaf", pem)
end

local function tls(handle, headers, listener)
  local connection = handle:streamInfo():downstreamSslConnection()
  if connection == nil then return end
  if listener.tls_headers then
    headers:replace("x-amzn-tls-version", connection:tlsVersion())
    headers:replace("x-amzn-tls-cipher-suite", connection:ciphersuiteString())
  end
  if listener.mutual ~= "off" and connection:peerCertificatePresented() then client_certificate(headers, connection, listener) end
  for name, wanted in pairs(listener.names) do
    local value = headers:get(name)
    if value ~= nil then
      headers:remove(name)
      headers:replace(wanted:lower(), value)
    end
  end
end

-- The results of the rule's transforms; a host that a transform did not change keeps the port it was just given.
local function rewrite(handle, headers, before)
  local rewritten = handle:streamInfo():dynamicMetadata():get("rewrite")
  if rewritten == nil then return end
  if rewritten.host and rewritten.host ~= before then headers:replace(":authority", rewritten.host) end
  if rewritten.url then headers:replace(":path", rewritten.url) end
end

function envoy_on_request(handle)
  local route = handle:metadata()
  local listener = route:get("listener")
  if listener == nil then return end
  local to, how, claims = route:get("redirect"), route:get("authenticate"), route:get("claims")
  if claims ~= nil and not claimed(handle, claims) then return answer(handle, 401) end
  if how ~= nil and authenticate(handle, how, listener) then return end
  if to ~= nil then return redirect(handle, to, listener) end
  local headers = handle:headers()
  local source = headers:get("x-sandbox-source") or ""
  headers:remove("x-sandbox-source")
  headers:remove("x-sandbox-listener")
  headers:remove("x-envoy-external-address")
  if listener.drop_invalid then drop_invalid(headers) end
  forwarded(headers, source, listener)
  headers:replace("x-forwarded-proto", listener.protocol:lower())
  headers:replace("x-forwarded-port", listener.port)
  headers:replace("x-amzn-trace-id", trace(headers))
  tls(handle, headers, listener)
  local before = headers:get(":authority")
  host(headers, listener)
  rewrite(handle, headers, before)
end

-- A second cookie for cross-origin requests beside AWSALB…, and no AWSALBAPP cookie before the application has set its own.
local function cookies(headers, route)
  local wanted, set = route:get("cookies"), {}
  if wanted == nil then return end
  for i = 0, headers:getNumValues("set-cookie") - 1 do set[#set + 1] = headers:getAtIndex("set-cookie", i) end
  headers:remove("set-cookie")
  local function application()
    for _, cookie in ipairs(set) do if contains(wanted.application, cookie:match("^([^=]*)=")) then return true end end
    return false
  end
  for _, cookie in ipairs(set) do
    local name = cookie:match("^([^=]*)=")
    if name ~= "AWSALBAPP-0" or application() then headers:add("set-cookie", cookie) end
    if name == "AWSALB" or name == "AWSALBTG" then
      headers:add("set-cookie", (cookie:gsub("^[^=]*", name .. "CORS", 1)) .. "; SameSite=None; Secure")
    end
  end
end

function envoy_on_response(handle)
  local route, headers = handle:metadata(), handle:headers()
  cookies(headers, route)
  local response = route:get("response")
  if response == nil then return end
  if response.no_server then headers:remove("server") end
  for name, value in pairs(response.headers) do headers:replace(name, value) end
end
