// SPDX-License-Identifier: Apache-2.0
#include "web/page.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/time_span.hpp"

namespace cicada::web {
namespace {

using nlohmann::json;

constexpr std::string_view kBefore = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cicada</title>
<style>
:root { --ink: #1c2430; --quiet: #667085; --line: #e4e7ec; --paper: #ffffff; --ground: #f6f7f9;
        --accent: #2f7d4f; --bad: #b42318; --doubt: #b54708; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ee; --quiet: #98a2b3; --line: #2d3642; --paper: #1a212b; --ground: #12171e;
          --accent: #58b37e; --bad: #f97066; --doubt: #fdb022; }
}
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
header { display: flex; flex-wrap: wrap; gap: 8px 32px; align-items: baseline; padding: 14px 24px;
         background: var(--paper); border-bottom: 1px solid var(--line); }
h1 { font-size: 20px; margin: 0; color: var(--accent); }
h2 { font-size: 15px; margin: 0 0 10px; }
main { max-width: 1280px; margin: 0 auto; padding: 20px 24px; display: grid; gap: 20px; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 16px; }
.figure { white-space: nowrap; } .figure span { color: var(--quiet); margin-right: 6px; }
.figure b { font-variant-numeric: tabular-nums; }
form { display: flex; flex-wrap: wrap; gap: 12px; align-items: end; }
label { display: grid; gap: 4px; font-size: 13px; color: var(--quiet); }
input { font: inherit; font-size: 15px; color: var(--ink); background: var(--ground);
        border: 1px solid var(--line); border-radius: 6px; padding: 6px 10px; width: 130px; }
input[name=host] { width: 280px; }
button { font: inherit; border: 1px solid var(--line); border-radius: 6px; padding: 6px 16px;
         background: var(--paper); color: inherit; cursor: pointer; }
button.primary { background: var(--accent); border-color: var(--accent); color: #fff; }
button:focus-visible, input:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 5px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--quiet); font-weight: 500; font-size: 13px; }
.text { text-align: left; } td.name { white-space: normal; word-break: break-word; }
tr:last-child td { border-bottom: 0; } tr.total td { font-weight: 600; }
.bad { color: var(--bad); } .good { color: var(--accent); } .doubt { color: var(--doubt); }
progress { width: 140px; height: 8px; accent-color: var(--accent); vertical-align: middle; }
ul { margin: 0; padding-left: 20px; }
#message { margin: 12px 0 0; } #message:empty { display: none; }
button:disabled { opacity: 0.5; cursor: default; }
</style>
</head>
<body>
<header>
<h1>Cicada</h1>
<div class="figure"><span>State</span><b id="state">–</b></div>
<div class="figure"><span>Host</span><b id="host">–</b></div>
<div class="figure"><span>Users</span><b id="users">0</b></div>
<div class="figure"><span>Requests/s</span><b id="rps">0</b></div>
<div class="figure"><span>Failures</span><b id="failures">0 %</b></div>
<div class="figure" id="verdict_figure" hidden><span>Verdict</span><b id="verdict"></b></div>
<div class="figure" id="progress_figure" hidden><span>Progress</span><progress id="progress" max="1"></progress>
<b id="time_left"></b></div>
</header>
<main>
<section>
<h2>Load</h2>
<form id="form">
<label>Users <input name="user_count" inputmode="numeric" required></label>
<label>Users per second <input name="spawn_rate" inputmode="decimal" required></label>
<label>Host <input name="host" placeholder="as the test says"></label>
<label>Run time <input name="run_time" placeholder="no limit"></label>
<button class="primary" id="start">Start</button>
<button type="button" id="stop">Stop</button>
<button type="button" id="reset">Reset statistics</button>
</form>
<p id="message" role="status"></p>
</section>
<section id="warnings" hidden>
<h2>What to know before believing the figures</h2>
<ul id="warning_rows"></ul>
</section>
<section class="wide" id="thresholds" hidden>
<h2>Thresholds</h2>
<table><thead><tr><th class="text">Threshold</th><th class="text">Now</th><th class="text">State</th></tr></thead>
<tbody id="threshold_rows"></tbody></table>
</section>
<section class="wide" id="limits" hidden>
<h2>Limits</h2>
<table><thead><tr><th class="text">Of</th><th class="text">Counts</th><th>Done</th><th>Limit</th>
<th class="text">Progress</th></tr></thead><tbody id="limit_rows"></tbody></table>
</section>
<section class="wide" id="arrivals" hidden>
<h2>Arrivals</h2>
<table><thead><tr><th class="text">Users</th><th>Planned</th><th>Begun</th><th>Done</th><th>Delayed</th><th>Dropped</th>
<th>Waiting</th><th>Busy</th><th>In the pool</th><th>At most</th></tr></thead><tbody id="arrival_rows"></tbody></table>
</section>
<section class="wide">
<h2>Requests</h2>
<table><thead><tr><th class="text">Type</th><th class="text">Name</th><th>Requests</th><th>Fails</th>
<th>Median ms</th><th>95% ms</th><th>99% ms</th><th>Average ms</th><th>Min ms</th><th>Max ms</th>
<th>Bytes</th><th>Requests/s</th><th>Failures/s</th></tr></thead><tbody id="rows"></tbody></table>
</section>
<section class="wide" id="errors" hidden>
<h2>Failures</h2>
<table><thead><tr><th>Occurrences</th><th class="text">Type</th><th class="text">Name</th>
<th class="text">Error</th></tr></thead><tbody id="error_rows"></tbody></table>
</section>
<section class="wide" id="exceptions" hidden>
<h2>Exceptions</h2>
<table><thead><tr><th>Count</th><th class="text">Exception</th><th class="text">Where</th></tr></thead>
<tbody id="exception_rows"></tbody></table>
</section>
</main>
<script>
"use strict";
const initial = )html";

// Every name from outside goes into the page as text, never as markup.
constexpr std::string_view kAfter = R"html(;
const at = id => document.getElementById(id);
const form = at("form");
for (const [name, value] of Object.entries(initial)) form.elements[name].value = value;
const ms = value => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3);
const rate = value => value.toFixed(value < 10 ? 2 : 1);
const cell = (row, text, kind) => { const made = row.insertCell(); made.textContent = text; if (kind) made.className = kind; };
const say = (text, bad) => { at("message").textContent = text; at("message").className = bad ? "bad" : ""; };

function requestRow(entry) {
  const row = document.createElement("tr");
  if (entry.name === "Aggregated" && !entry.method) row.className = "total";
  cell(row, entry.method, "text"); cell(row, entry.name, "text name");
  cell(row, entry.num_requests); cell(row, entry.num_failures, entry.num_failures ? "bad" : "");
  for (const key of ["median_response_time", "response_time_percentile_0.95",
                     "response_time_percentile_0.99", "avg_response_time", "min_response_time",
                     "max_response_time"]) cell(row, ms(entry[key]));
  cell(row, entry.avg_content_length.toFixed(0));
  cell(row, rate(entry.current_rps)); cell(row, rate(entry.current_fail_per_sec));
  return row;
}
function errorRow(error) {
  const row = document.createElement("tr");
  cell(row, error.occurrences); cell(row, error.method, "text");
  cell(row, error.name, "text name"); cell(row, error.error, "text name");
  return row;
}
function exceptionRow(exception) {
  const row = document.createElement("tr");
  cell(row, exception.count); cell(row, exception.msg, "text name");
  cell(row, exception.traceback, "text name");
  return row;
}
const warningRow = (text, kind) => {
  const row = document.createElement("li");
  row.textContent = text; row.className = kind;
  return row;
};
function thresholdRow(threshold) {
  const row = document.createElement("tr");
  const missed = !threshold.passed && !threshold.may_still_pass;
  cell(row, threshold.threshold, "text name"); cell(row, threshold.actual, "text name");
  cell(row, threshold.passed ? "passed" : missed ? "missed" : "not yet", "text " + (threshold.passed ? "good" : missed ? "bad" : "doubt"));
  return row;
}
function limitRow(limit) {
  const row = document.createElement("tr");
  cell(row, limit.name, "text name"); cell(row, limit.counts, "text");
  cell(row, limit.done); cell(row, limit.limit + (limit.per_user ? " each" : ""));
  const made = row.insertCell(); made.className = "text";
  if (limit.per_user) return row;
  const bar = document.createElement("progress");
  bar.max = limit.limit; bar.value = limit.done;
  made.append(bar, limit.reached ? " reached" : "");
  return row;
}
function arrivalRow(arrivals) {
  const row = document.createElement("tr");
  cell(row, arrivals.name, "text name");
  for (const key of ["planned", "begun", "done"]) cell(row, arrivals[key]);
  for (const key of ["delayed", "dropped", "waiting"]) cell(row, arrivals[key], arrivals[key] ? "doubt" : "");
  for (const key of ["busy", "users", "max_users"]) cell(row, arrivals[key]);
  return row;
}
function span(seconds) {
  const whole = Math.round(seconds), two = value => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60, hours = Math.floor(whole / 3600);
  return (hours ? hours + ":" + two(minutes) : minutes) + ":" + two(whole % 60);
}
function rows(id, made) {
  at(id + "s").hidden = made.length === 0;
  at(id + "_rows").replaceChildren(...made);
}
function showRun(stats) {
  at("verdict_figure").hidden = stats.state === "ready";
  at("verdict").textContent = stats.verdict;
  at("verdict").className = {VALID: "good", SUSPECT: "doubt", INVALID: "bad"}[stats.verdict];
  at("progress_figure").hidden = !stats.progress;
  if (stats.progress) {
    at("progress").value = stats.progress.part;
    const left = stats.progress.time_left_s;
    at("time_left").textContent = (100 * stats.progress.part).toFixed(0) + " %" +
      (left === null ? "" : ", " + (stats.progress.by_limits ? "about " : "") + span(left) + " left");
  }
  const grades = new Map(stats.reasons.map(reason => [reason.text, reason.grade === "INVALID" ? "bad" : "doubt"]));
  rows("warning", stats.warnings.map(text => warningRow(text, grades.get(text) || "")));
  rows("threshold", stats.thresholds.map(thresholdRow));
  rows("limit", stats.limits.map(limitRow));
  rows("arrival", stats.arrivals.map(arrivalRow));
}
function users(stats) {
  const asked = stats.user_count - stats.users_of_arrivals;
  const text = asked === stats.target_user_count || !stats.target_user_count ? String(asked)
    : asked + " of " + stats.target_user_count;
  return stats.users_of_arrivals ? text + " + " + stats.users_of_arrivals + " of arrivals" : text;
}
function show(stats, exceptions) {
  showRun(stats);
  at("state").textContent = (stats.paused ? "paused" : stats.state) + (stats.course ? ", " + stats.course : "");
  at("host").textContent = stats.host || "–";
  at("users").textContent = users(stats);
  at("rps").textContent = rate(stats.current_rps);
  at("failures").textContent = (100 * stats.fail_ratio).toFixed(1) + " %";
  const running = stats.state === "spawning" || stats.state === "running";
  at("start").textContent = running ? "Change" : "Start";
  at("stop").disabled = !running;
  at("rows").replaceChildren(...stats.stats.map(requestRow));
  at("errors").hidden = stats.errors.length === 0;
  at("error_rows").replaceChildren(...stats.errors.map(errorRow));
  at("exceptions").hidden = exceptions.length === 0;
  at("exception_rows").replaceChildren(...exceptions.map(exceptionRow));
}
async function refresh() {
  try {
    const [stats, exceptions] = await Promise.all(
      [fetch("stats/requests"), fetch("exceptions")].map(async answer => (await answer).json()));
    show(stats, exceptions.exceptions);
    if (at("message").textContent === "Cicada does not answer") say("");
  } catch { say("Cicada does not answer", true); }
}
form.addEventListener("submit", async event => {
  event.preventDefault();
  try {
    const answer = await (await fetch("swarm", {method: "POST", body: new URLSearchParams(new FormData(form))})).json();
    say(answer.message, !answer.success);
  } catch { say("Cicada does not answer", true); }
  refresh();
});
at("stop").addEventListener("click", async () => { say("Stopping"); await fetch("stop", {method: "POST"}); say("Stopped"); refresh(); });
at("reset").addEventListener("click", async () => { await fetch("stats/reset"); refresh(); });
refresh();
setInterval(refresh, 2000);
</script>
</body>
</html>
)html";

/// Inside of a script element, where `</script>` would end it.
std::string script_json(const json& value) {
    std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
    for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at)) {
        text.replace(at, 1, "\\u003c");
    }
    return text;
}

}  // namespace

std::string page(const ServerOptions& options) {
    json initial = {{"user_count", options.users.value_or(1)},
                    {"spawn_rate", options.spawn_rate.value_or(1)},
                    {"host", options.target_host.value_or("")},
                    {"run_time", ""}};
    if (options.run_time) initial["run_time"] = base::format_time_span(*options.run_time);
    std::string text(kBefore);
    text += script_json(initial);
    text += kAfter;
    return text;
}

}  // namespace cicada::web
