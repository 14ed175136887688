-- For wrk -s: prints what it measured as one line of JSON, after wrk's own report.

function done(summary, latency, requests)
  if summary.requests == 0 then
    io.stderr:write("wrk: no request was answered\n")
    os.exit(1)
  end
  local errors = summary.errors
  -- wrk counts in microseconds.
  io.write(string.format(
    '{"mean_ms":%.1f,"p50_ms":%.1f,"p99_ms":%.1f,"requests_per_s":%.0f,"errors":%d}\n',
    latency.mean / 1000, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.requests / (summary.duration / 1e6),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
