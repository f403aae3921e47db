-- Opens a policy, breaks and mends it, completes, renames through two files and lays out, by the client that is attached; prints what it saw.
-- Leaves with an error where something is missing.
local function fail(what)
  io.stderr:write("missing: " .. what .. "\n")
  vim.cmd("cquit!")
end

local function say(what, value)
  io.stdout:write(("%s: %s\n"):format(what, value))
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
end

-- The place of a text in the buffer, with an offset into it: line and column from 0.
local function place(wanted, further)
  for line, found in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local start = found:find(wanted, 1, true)
    if start then
      return line - 1, start - 1 + (further or 0)
    end
  end
  fail("the text " .. wanted)
end

-- Replaces a text of the buffer, as typing would.
local function edit(old, new)
  local line, column = place(old)
  vim.api.nvim_buf_set_text(0, line, column, line, column + #old, { new })
end

local function ask(method, params)
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 5000) or {}) do
    if answer.error then
      fail(method .. ": " .. answer.error.message)
    end
    return answer.result
  end
  fail("an answer to " .. method)
end

-- What a request about a place is sent.
local function at(wanted, further)
  local line, column = place(wanted, further)
  vim.api.nvim_win_set_cursor(0, { line + 1, column })
  return vim.lsp.util.make_position_params(0, "utf-16")
end

local function diagnosed(what, wanted)
  local is_so = vim.wait(20000, function()
    return wanted(vim.diagnostic.get(0))
  end, 50)
  for _, diagnostic in ipairs(vim.diagnostic.get(0)) do
    say("diagnostic", ("%d: %s %s"):format(diagnostic.lnum + 1, diagnostic.code or "", diagnostic.message:gsub("\n", "; ")))
  end
  if not is_so then
    fail(what)
  end
end

local function errors(found)
  return #vim.tbl_filter(function(diagnostic)
    return diagnostic.severity == vim.diagnostic.severity.ERROR
  end, found)
end

local function check()
  diagnosed("the mistake", function(found)
    return errors(found) == 1
  end)

  edit("when 1", "when other.limit == 1")
  diagnosed("the end of the mistake", function(found)
    return errors(found) == 0
  end)
  say("edit", "no error is left")

  edit("other.limit", "other.")
  local items = ask("textDocument/completion", at("other.", #"other."))
  local labels = vim.tbl_map(function(item)
    return item.label
  end, items.items or items)
  say("completion", table.concat(labels, ", "))
  if not vim.tbl_contains(labels, "limit") then
    fail("`limit` after `other.`")
  end
  edit("other.", "other.limit")

  local renamed = at("other.limit", #"other.")
  renamed.newName = "most"
  vim.lsp.util.apply_workspace_edit(ask("textDocument/rename", renamed), "utf-16")
  local first = text()
  vim.cmd("buffer b.toll")
  say("rename", vim.trim(text():match("let [^\n]*") or "") .. "; " .. (first:match("other%.%w+") or ""))
  if not first:find("other.most", 1, true) or not text():find("let most = 1", 1, true) then
    fail("the new name in both files")
  end

  vim.cmd("buffer a.toll")
  local params = { textDocument = vim.lsp.util.make_text_document_params(), options = { tabSize = 2, insertSpaces = true } }
  vim.lsp.util.apply_text_edits(ask("textDocument/formatting", params), 0, "utf-16")
  say("format", (text():gsub("\n", "\\n")))
  if text() ~= "package a\n\nimport other\n\nallow x\n  when other.most == 1" then
    fail("the canonical layout")
  end
  diagnosed("a text without errors", function(found)
    return errors(found) == 0
  end)
end

-- Outside of the event, within which no other event would fire: files that a rename loads would not be opened at the server.
vim.api.nvim_create_autocmd("VimEnter", {
  callback = vim.schedule_wrap(function()
    local done, problem = pcall(check)
    if not done then
      fail(problem)
    end
    vim.cmd("qall!")
  end),
})
