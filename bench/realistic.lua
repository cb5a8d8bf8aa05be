-- The same requests as tests/realistic.cpp, for wrk: distinct paths, one in ten a POST.
local cookies = "session=0123456789abcdef0123456789abcdef; basket=42; theme=light"
function request()
    local path = "/item/" .. math.random(1, 10000)
    if math.random(10) == 1 then
        return wrk.format("POST", path, {Cookie = cookies, ["Content-Type"] = "application/json"}, '{"quantity":1}')
    end
    return wrk.format("GET", path, {Cookie = cookies})
end
