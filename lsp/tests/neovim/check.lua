-- Waits for what the server says of the first buffer, prints it and leaves.
vim.api.nvim_create_autocmd("VimEnter", {
  callback = function()
    local told = vim.wait(20000, function()
      return #vim.diagnostic.get(0) > 0
    end, 50)
    for _, diagnostic in ipairs(vim.diagnostic.get(0)) do
      io.stdout:write(("%d: %s %s\n"):format(diagnostic.lnum + 1, diagnostic.code or "", diagnostic.message))
    end
    vim.cmd(told and "qall!" or "cquit!")
  end,
})
