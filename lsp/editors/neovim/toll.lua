-- Neovim from 0.7: `tollgate lsp` for files `*.toll`.
vim.api.nvim_create_autocmd({ "BufRead", "BufNewFile" }, {
  pattern = "*.toll",
  callback = function()
    vim.bo.filetype = "toll"
    vim.bo.commentstring = "// %s"
  end,
})

if vim.lsp.config then
  vim.lsp.config("tollgate", {
    cmd = { "tollgate", "lsp" },
    filetypes = { "toll" },
    root_markers = { "tollgate.toml", ".git" },
  })
  vim.lsp.enable("tollgate")
else
  -- Before 0.11. Clients are kept by their root, since 0.7 has no `vim.lsp.start`.
  local clients = {}
  vim.api.nvim_create_autocmd("FileType", {
    pattern = "toll",
    callback = function(event)
      local root = vim.fn.fnamemodify(event.match ~= "" and vim.api.nvim_buf_get_name(event.buf) or ".", ":p:h")
      for _, marker in ipairs({ "tollgate.toml", ".git" }) do
        local found = vim.fn.findfile(marker, root .. ";")
        if found == "" then
          found = vim.fn.finddir(marker, root .. ";")
        end
        if found ~= "" then
          root = vim.fn.fnamemodify(found, ":p"):gsub("/+$", "")
          root = vim.fn.fnamemodify(root, ":h")
          break
        end
      end
      clients[root] = clients[root]
        or vim.lsp.start_client({
          name = "tollgate",
          cmd = { "tollgate", "lsp" },
          root_dir = root,
          workspace_folders = { { uri = vim.uri_from_fname(root), name = root } },
        })
      vim.lsp.buf_attach_client(event.buf, clients[root])
    end,
  })
end
