//! What files declare.

use tollgate_compiler::syntax::ast::Span;
use tower_lsp::ls_types::{self as lsp, SymbolKind, SymbolTag};

use crate::analysis::folding::{self, Fold, FoldKind};
use crate::analysis::symbols::{self, DocKind, DocSymbol};
use crate::inputs::Inputs;
use crate::view::View;
use crate::world::Home;

/// The most symbols that a question is answered with.
const MOST: usize = 256;

/// What the file declares, as a tree.
pub fn of_document(view: &View) -> Option<lsp::DocumentSymbolResponse> {
    let found = symbols::document_symbols(view.set(), view.file);
    Some(lsp::DocumentSymbolResponse::Nested(found.into_iter().map(|symbol| document_symbol(view, symbol)).collect()))
}

fn document_symbol(view: &View, symbol: DocSymbol) -> lsp::DocumentSymbol {
    let children: Vec<_> = symbol.children.into_iter().map(|child| document_symbol(view, child)).collect();
    #[expect(deprecated, reason = "the type has the field and no constructor")]
    lsp::DocumentSymbol {
        name: symbol.name,
        detail: Some(symbol.detail).filter(|detail| !detail.is_empty()),
        kind: kind_of(symbol.kind),
        tags: symbol.deprecated.then(|| vec![SymbolTag::DEPRECATED]),
        deprecated: None,
        range: view.range(symbol.whole),
        selection_range: view.range(symbol.name_span),
        children: (!children.is_empty()).then_some(children),
    }
}

/// What the sets declare that answers a query.
pub fn of_sets(homes: Vec<Home>, inputs: &Inputs, query: &str) -> Vec<lsp::WorkspaceSymbol> {
    let mut found = Vec::new();
    for home in homes {
        let view = View::of_set(home, inputs.clone());
        for symbol in symbols::workspace_symbols(view.set(), query, MOST) {
            let Some(location) = view.location(symbol.at) else { continue };
            found.push(lsp::WorkspaceSymbol {
                name: symbol.name,
                kind: kind_of(symbol.kind),
                tags: symbol.deprecated.then(|| vec![SymbolTag::DEPRECATED]),
                container_name: Some(symbol.package),
                location: lsp::OneOf::Left(location),
                data: None,
            });
        }
    }
    found.truncate(MOST);
    found
}

/// What of the file can be folded.
pub fn folds(view: &View) -> Option<Vec<lsp::FoldingRange>> {
    let fold = |fold: Fold| {
        let Span { start, end } = fold.span;
        let (start, end) = (view.position(start), view.position(end));
        let kind = match fold.kind {
            FoldKind::Code => None,
            FoldKind::Comment => Some(lsp::FoldingRangeKind::Comment),
            FoldKind::Imports => Some(lsp::FoldingRangeKind::Imports),
            FoldKind::Region => Some(lsp::FoldingRangeKind::Region),
        };
        lsp::FoldingRange { start_line: start.line, end_line: end.line, kind, ..lsp::FoldingRange::default() }
    };
    Some(folding::folds(view.set(), view.file).into_iter().map(fold).collect())
}

/// What the protocol calls a declared thing.
pub fn kind_of(kind: DocKind) -> SymbolKind {
    match kind {
        DocKind::Package => SymbolKind::PACKAGE,
        DocKind::Import => SymbolKind::MODULE,
        DocKind::Enum => SymbolKind::ENUM,
        DocKind::Variant => SymbolKind::ENUM_MEMBER,
        DocKind::Type => SymbolKind::STRUCT,
        DocKind::Field | DocKind::Argument => SymbolKind::FIELD,
        DocKind::Data => SymbolKind::OBJECT,
        DocKind::Input => SymbolKind::INTERFACE,
        DocKind::Tool => SymbolKind::CLASS,
        DocKind::Obligation => SymbolKind::EVENT,
        DocKind::Parameter => SymbolKind::VARIABLE,
        DocKind::Let => SymbolKind::CONSTANT,
        DocKind::Function => SymbolKind::FUNCTION,
        DocKind::Score | DocKind::ScorePart => SymbolKind::NUMBER,
        DocKind::Rule(_) | DocKind::Default => SymbolKind::METHOD,
        DocKind::Test | DocKind::Step => SymbolKind::NAMESPACE,
        DocKind::Property | DocKind::Claim => SymbolKind::BOOLEAN,
        DocKind::Broken => SymbolKind::NULL,
    }
}
