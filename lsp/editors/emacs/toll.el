;;; toll.el --- Policies of Tollgate, with eglot  -*- lexical-binding: t -*-

(define-derived-mode toll-mode prog-mode "Toll"
  (setq-local comment-start "// "))
(add-to-list 'auto-mode-alist '("\\.toll\\'" . toll-mode))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs '(toll-mode . ("tollgate" "lsp"))))
(add-hook 'toll-mode-hook #'eglot-ensure)
;;; toll.el ends here
