//! Addresses as far as the rules' blocks can tell them apart.
//!
//! A place is a set of blocks, with those that it may be in: endpoints of one place are the same to
//! every block. Atoms of the address space lead to places, so a block is never compared to an address.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use rustc_hash::FxHashMap;

use super::space::Space;
use crate::addr::{self, Families, Family, IpBlock};
use crate::model::{BlockId, ClassId, ClassSet, Match, Whereabouts};
use crate::truth::Truth;

/// Names a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PlaceId(u32);

/// The families and the blocks of a place, ascending.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    families: Families,
    within: Box<[BlockId]>,
    maybe: Box<[BlockId]>,
}

/// A list of blocks for each atom, one behind the other.
#[derive(Debug)]
pub(super) struct Lists {
    /// Where each ends.
    ends: Vec<usize>,
    blocks: Vec<BlockId>,
}

impl Lists {
    fn get(&self, atom: usize) -> &[BlockId] {
        let start = atom.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.blocks[start..self.ends[atom]]
    }
}

/// By family and atom: the blocks that hold it, ascending.
pub(super) fn of_atoms(space: &Space, blocks: &[&IpBlock]) -> [Lists; 2] {
    let mut found: [Vec<(RangeInclusive<usize>, BlockId)>; 2] = Default::default();
    for (block, id) in blocks.iter().zip((0..).map(BlockId::at)) {
        let family = block.family();
        let atoms = |(first, last)| (space.atom_of(family, first)..=space.atom_of(family, last), id);
        if block.except().is_empty() {
            let cidr = block.cidr();
            found[family as usize]
                .push(atoms((addr::number(cidr.network()), addr::number(cidr.broadcast()))));
        } else {
            let addresses = block.addresses();
            found[family as usize].extend(addresses.of(family).ranges().iter().copied().map(atoms));
        }
    }
    Family::BOTH.map(|family| {
        let found = &found[family as usize];
        let mut ends = vec![0; space.atoms(family)];
        for (atoms, _) in found {
            ends[atoms.clone()].iter_mut().for_each(|len| *len += 1);
        }
        let mut all = 0;
        for len in &mut ends {
            // For now where each starts, which moves as it fills.
            (*len, all) = (all, all + *len);
        }
        let mut blocks = vec![BlockId::at(0); all];
        for (atoms, id) in found {
            for next in &mut ends[atoms.clone()] {
                blocks[*next] = *id;
                *next += 1;
            }
        }
        Lists { ends, blocks }
    })
}

/// All places met so far.
pub(crate) struct Places<'s> {
    space: &'s Space,
    blocks: &'s [&'s IpBlock],
    /// By family and atom: the blocks that hold it, ascending.
    of_atom: [Lists; 2],
    ids: FxHashMap<Place, PlaceId>,
    all: Vec<Place>,
    /// Places of addresses that have been asked for, by their atoms.
    by_atoms: FxHashMap<[Option<usize>; 2], PlaceId>,
    by_silence: [Option<PlaceId>; 2],
}

impl<'s> Places<'s> {
    pub(crate) fn new(space: &'s Space, blocks: &'s [&'s IpBlock]) -> Self {
        Self::of_blocks(space, blocks, of_atoms(space, blocks))
    }

    /// The same, given what [`of_atoms`] finds.
    pub(super) fn of_blocks(space: &'s Space, blocks: &'s [&'s IpBlock], of_atom: [Lists; 2]) -> Self {
        Self {
            space,
            blocks,
            of_atom,
            ids: FxHashMap::default(),
            all: Vec::new(),
            by_atoms: FxHashMap::default(),
            by_silence: [None; 2],
        }
    }

    /// Where an endpoint is.
    pub(super) fn of(&mut self, whereabouts: &Whereabouts) -> PlaceId {
        match whereabouts {
            Whereabouts::At(ips) => self.at(ips.iter()),
            Whereabouts::PodSpace => self.silent(0, whereabouts),
            Whereabouts::Anywhere => self.silent(1, whereabouts),
        }
    }

    /// Where addresses are, at most one a family.
    fn at(&mut self, ips: impl Iterator<Item = IpAddr>) -> PlaceId {
        let mut atoms = [None; 2];
        for ip in ips {
            atoms[Family::of(ip) as usize] = Some(self.space.atom(ip));
        }
        if let Some(place) = self.by_atoms.get(&atoms) {
            return *place;
        }
        let met = Family::BOTH.into_iter().filter(|family| atoms[*family as usize].is_some());
        let mut within: Vec<BlockId> = Vec::new();
        for (lists, atom) in self.of_atom.iter().zip(atoms) {
            within.extend(atom.into_iter().flat_map(|atom| lists.get(atom)));
        }
        if atoms.iter().all(Option::is_some) {
            within.sort_unstable();
        }
        let place = Place { families: met.collect(), within: within.into(), maybe: [].into() };
        let id = self.id(place);
        self.by_atoms.insert(atoms, id);
        id
    }

    /// The blocks around an atom, ascending.
    pub(super) fn around(&self, family: Family, atom: usize) -> &[BlockId] {
        self.of_atom[family as usize].get(atom)
    }

    /// Where addresses of these families are that lie within these blocks, and no others.
    pub(super) fn within(&mut self, families: Families, blocks: Box<[BlockId]>) -> PlaceId {
        self.id(Place { families, within: blocks, maybe: [].into() })
    }

    /// Where endpoints are that do not say.
    fn silent(&mut self, which: usize, whereabouts: &Whereabouts) -> PlaceId {
        if let Some(place) = self.by_silence[which] {
            return place;
        }
        let (mut within, mut maybe) = (Vec::new(), Vec::new());
        for (block, id) in self.blocks.iter().zip((0..).map(BlockId::at)) {
            match self.space.is_within(whereabouts, &block.addresses(), block.family()) {
                Truth::Yes => within.push(id),
                Truth::Maybe => maybe.push(id),
                Truth::No => {}
            }
        }
        let families = self.space.families_of(whereabouts);
        let id = self.id(Place { families, within: within.into(), maybe: maybe.into() });
        self.by_silence[which] = Some(id);
        id
    }

    fn id(&mut self, place: Place) -> PlaceId {
        let next = PlaceId(u32::try_from(self.all.len()).expect("fewer places than addresses"));
        *self.ids.entry(place).or_insert_with_key(|place| {
            self.all.push(place.clone());
            next
        })
    }

    /// The families of whoever is there.
    pub(super) fn families(&self, place: PlaceId) -> Families {
        self.all[place.0 as usize].families
    }

    /// The classes in each block, given the place of each class.
    pub(super) fn matches(&self, of_class: impl Iterator<Item = PlaceId>) -> Vec<Match> {
        let mut classes = vec![ClassSet::default(); self.all.len()];
        for (place, class) in of_class.zip((0..).map(ClassId::at)) {
            classes[place.0 as usize].insert(class);
        }
        let mut matches = vec![Match::default(); self.blocks.len()];
        for (place, classes) in self.all.iter().zip(&classes) {
            for block in &place.within {
                matches[block.index()].yes.unite(classes);
            }
            for block in &place.maybe {
                matches[block.index()].maybe.unite(classes);
            }
        }
        matches
    }
}
