//! Goes through a file: its modules, what they define, and every path in them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use proc_macro2::{Delimiter, Literal, Span, TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Meta, UseTree, Visibility};

use super::{Definition, Mention, MentionKind, Tree};

/// Reads a parsed file into a module.
pub(super) fn file(
    tree: &mut Tree,
    module: usize,
    file: &syn::File,
    children: &Path,
    lines: usize,
) -> Result<()> {
    let path = tree.modules[module].module.file.clone();
    let in_test = tree.modules[module].module.is_test;
    let mut walk = Walk {
        tree,
        module,
        children: children.to_owned(),
        relative_to: path.parent().unwrap_or(&path).to_owned(),
        file: path,
        in_test,
        in_block: false,
        owners: vec![(!in_test).then_some(module); lines],
        outcome: Ok(()),
    };
    walk.visit_file(file);
    let Walk {
        owners, outcome, ..
    } = walk;
    for owner in owners.into_iter().flatten() {
        tree.modules[owner].module.lines += 1;
    }
    outcome
}

struct Walk<'t> {
    tree: &'t mut Tree,
    /// The one whose text this is.
    module: usize,
    file: PathBuf,
    /// Where the files of its modules are.
    children: PathBuf,
    /// What `#[path]` is relative to.
    relative_to: PathBuf,
    in_test: bool,
    /// Within a function: what it defines is nobody else's.
    in_block: bool,
    /// For each line of the file the module that it counts for; those for tests count for none.
    owners: Vec<Option<usize>>,
    outcome: Result<()>,
}

impl Walk<'_> {
    fn mention(&mut self, path: Vec<String>, span: Span, kind: MentionKind) {
        let mention = Mention {
            path,
            line: span.start().line,
            in_test: self.in_test,
            kind,
        };
        self.tree.modules[self.module].mentions.push(mention);
    }

    fn define(&mut self, name: String, definition: Definition) {
        let definitions = &mut self.tree.modules[self.module].definitions;
        definitions.entry(name).or_default().push(definition);
    }

    fn own(&mut self, span: Span, owner: Option<usize>) {
        let (first, last) = (span.start().line, span.end().line);
        let last = last.min(self.owners.len());
        if let Some(lines) = self.owners.get_mut(first.saturating_sub(1)..last) {
            lines.fill(owner);
        }
    }

    /// Does `work` as in a test, if the attributes say so.
    fn under(&mut self, attributes: &[Attribute], span: Span, work: impl FnOnce(&mut Self)) {
        let before = self.in_test;
        let tests = attributes.iter().filter(|a| is_test_function(a)).count();
        self.tree.modules[self.module].module.tests += tests;
        if !before && (tests > 0 || attributes.iter().any(is_for_tests)) {
            self.in_test = true;
            self.own(span, None);
        }
        work(self);
        self.in_test = before;
    }

    fn child(&mut self, item: &syn::ItemMod) -> Result<()> {
        let name = plain(&item.ident);
        let is_test = self.in_test;
        let placed = item.attrs.iter().find_map(path_of);
        let child = if let Some((_, items)) = &item.content {
            let child = self
                .tree
                .add(name.clone(), Some(self.module), &self.file, is_test);
            if !is_test {
                self.own(item.span(), Some(child));
            }
            let below = self.children.join(placed.as_deref().unwrap_or(&name));
            let outside = (
                std::mem::replace(&mut self.module, child),
                std::mem::replace(&mut self.children, below.clone()),
                std::mem::replace(&mut self.relative_to, below),
                std::mem::replace(&mut self.in_block, false),
            );
            for item in items {
                self.visit_item(item);
            }
            (self.module, self.children, self.relative_to, self.in_block) = outside;
            child
        } else {
            let (file, below) = match placed {
                // As if it were a `mod.rs`.
                Some(path) => {
                    let file = self.relative_to.join(path);
                    let below = file.parent().unwrap_or(&file).to_owned();
                    (file, below)
                }
                None => Tree::locate(&self.children, &name)?,
            };
            self.tree
                .file(name, Some(self.module), &file, &below, is_test)?
        };
        self.define(plain(&item.ident), Definition::Module(child));
        Ok(())
    }

    fn take(&mut self, tree: &UseTree, before: &mut Vec<String>, kind: MentionKind) {
        match tree {
            UseTree::Path(path) => {
                before.push(plain(&path.ident));
                self.take(&path.tree, before, kind);
                before.pop();
            }
            UseTree::Group(group) => {
                for each in &group.items {
                    self.take(each, before, kind);
                }
            }
            UseTree::Glob(glob) => {
                self.tree.modules[self.module].globs.push(before.clone());
                self.mention(before.clone(), glob.span(), MentionKind::Glob);
            }
            UseTree::Name(name) => {
                let mut path = before.clone();
                if name.ident != "self" {
                    path.push(plain(&name.ident));
                }
                if let Some(last) = path.last() {
                    self.define(last.clone(), Definition::Use(path.clone()));
                }
                self.mention(path, name.span(), kind);
            }
            UseTree::Rename(rename) => {
                let mut path = before.clone();
                if rename.ident != "self" {
                    path.push(plain(&rename.ident));
                }
                self.define(plain(&rename.rename), Definition::Use(path.clone()));
                self.mention(path, rename.span(), kind);
            }
        }
    }

    /// Paths among tokens that nobody has parsed: at least two segments. `strings` are read, too, where they are
    /// paths that begin in this crate.
    fn scan(&mut self, tokens: TokenStream, strings: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let colons = |at: usize| {
            let is = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == ':');
            is(at) && is(at + 1)
        };
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Group(group) => {
                    if group.delimiter() == Delimiter::Bracket && is_attribute_for_test(group) {
                        self.tree.modules[self.module].module.tests += 1;
                    }
                    self.scan(group.stream(), strings);
                }
                TokenTree::Literal(literal) if strings => self.string(literal),
                TokenTree::Ident(first) => {
                    let continued = at >= 2 && colons(at - 2);
                    let mut path = vec![plain(first)];
                    while colons(at + 1)
                        && let Some(TokenTree::Ident(next)) = tokens.get(at + 3)
                    {
                        path.push(plain(next));
                        at += 3;
                    }
                    if path.len() > 1 && !continued {
                        self.mention(path, first.span(), MentionKind::Inline);
                    }
                }
                TokenTree::Literal(_) | TokenTree::Punct(_) => {}
            }
            at += 1;
        }
    }

    /// A path in a string, as in `#[serde(with = "crate::a")]`.
    fn string(&mut self, literal: &Literal) {
        let span = literal.span();
        let text = literal.to_string();
        let text = text.trim_matches('"');
        if ["crate::", "super::", "self::"]
            .iter()
            .any(|start| text.starts_with(start))
            && let Ok(path) = syn::parse_str::<syn::Path>(text)
        {
            self.mention(segments(&path), span, MentionKind::Inline);
        }
    }
}

impl<'ast> Visit<'ast> for Walk<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let name = match item {
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Macro(item) => item.ident.as_ref(),
            Item::Static(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::TraitAlias(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            Item::Union(item) => Some(&item.ident),
            _ => None,
        };
        if let (Some(name), false) = (name, self.in_block) {
            self.define(plain(name), Definition::Item);
        }
        self.under(attributes(item), item.span(), |walk| {
            visit::visit_item(walk, item)
        });
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes: &[Attribute] = match item {
            syn::ImplItem::Const(item) => &item.attrs,
            syn::ImplItem::Fn(item) => &item.attrs,
            syn::ImplItem::Type(item) => &item.attrs,
            syn::ImplItem::Macro(item) => &item.attrs,
            _ => &[],
        };
        self.under(attributes, item.span(), |walk| {
            visit::visit_impl_item(walk, item)
        });
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        for attribute in &item.attrs {
            self.visit_attribute(attribute);
        }
        if let Err(error) = self.child(item)
            && self.outcome.is_ok()
        {
            self.outcome = Err(error);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let kind = match item.vis {
            Visibility::Inherited => MentionKind::Use,
            _ => MentionKind::Reexport,
        };
        let mut before = Vec::new();
        if item.leading_colon.is_some() {
            before.push(String::new());
        }
        self.take(&item.tree, &mut before, kind);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        let path = vec![String::new(), plain(&item.ident)];
        let name = item.rename.as_ref().map_or(&item.ident, |(_, name)| name);
        self.define(plain(name), Definition::Use(path.clone()));
        self.mention(path, item.span(), MentionKind::Use);
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let before = std::mem::replace(&mut self.in_block, true);
        visit::visit_block(self, block);
        self.in_block = before;
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.mention(segments(path), path.span(), MentionKind::Inline);
        visit::visit_path(self, path);
    }

    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {
        // Names those who may look, and takes nothing of them.
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.visit_path(&mac.path);
        self.scan(mac.tokens.clone(), false);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if attribute.path().is_ident("doc") {
            return;
        }
        if attribute.path().segments.len() > 1 {
            self.visit_path(attribute.path());
        }
        match &attribute.meta {
            Meta::List(list) => self.scan(list.tokens.clone(), true),
            Meta::NameValue(pair) => self.visit_expr(&pair.value),
            Meta::Path(_) => {}
        }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn segments(path: &syn::Path) -> Vec<String> {
    let names = path.segments.iter().map(|segment| plain(&segment.ident));
    let before = path.leading_colon.map(|_| String::new());
    before.into_iter().chain(names).collect()
}

/// Without `r#`.
fn plain(name: &impl ToString) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

fn path_of(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    match &pair.value {
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Str(path),
            ..
        }) if pair.path.is_ident("path") => Some(path.value()),
        _ => None,
    }
}

/// `#[test]`, `#[tokio::test]` and the like.
fn is_test_function(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|last| last.ident == "test")
}

fn is_attribute_for_test(group: &proc_macro2::Group) -> bool {
    let text = group.stream().to_string().replace(' ', "");
    text == "test" || text.starts_with("tokio::test")
}

/// Whether `#[cfg(…)]` leaves something out of everything but tests.
fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute
            .parse_args::<Meta>()
            .is_ok_and(|meta| only_in_tests(&meta))
}

fn only_in_tests(meta: &Meta) -> bool {
    match meta {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) => {
            let inner = list.parse_args_with(
                syn::punctuated::Punctuated::<Meta, syn::Token![,]>::parse_terminated,
            );
            inner.is_ok_and(|inner| {
                list.path.is_ident("all") && inner.iter().any(only_in_tests)
                    || list.path.is_ident("any") && inner.iter().all(only_in_tests)
            })
        }
        Meta::NameValue(_) => false,
    }
}
