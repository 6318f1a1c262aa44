//! The values that a pickle describes: a stack machine that calls nothing.
//!
//! A call is kept as a value instead of being made, together with the state that the new object would be given; the caller
//! decides what it means. So is a reference to something beside the pickle, which is how PyTorch's name storages. Dictionaries
//! that are made by a call become dictionaries. The instructions are those that Python writes in protocols 2 to 5 for
//! dictionaries, lists, tuples, sets, text, bytes, numbers, truth values, None and objects. Any other is refused. Protocol 2 has
//! no instruction for bytes: it calls a function that makes them from text.

use std::collections::HashMap;
use std::io::Read as _;
use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};

use super::super::file::{CUT_SHORT, Cursor};
use super::{forbidden, line, unknown};

/// Most bytes of text that are kept.
const MOST_TEXT: usize = 16 << 20;
/// The first byte of a pickle since protocol 2.
const PROTOCOL: u8 = 0x80;

/// What a reader of pickles accepts.
pub(in super::super) struct Rules {
    /// Whether a pickle may have this name of a function or a class.
    pub(in super::super) allowed: fn(&str) -> bool,
    /// The newest protocol that is read.
    pub(in super::super) newest_protocol: u8,
    /// Most instructions. Each makes at most one value, so that this limits the memory.
    pub(in super::super) most_instructions: usize,
}

/// The number of a value. Values are referred to by number because several may hold the same one, and a list even itself.
pub(in super::super) type Id = usize;

/// What an instruction made.
#[derive(Debug, PartialEq)]
pub(in super::super) enum Value {
    None,
    Bool(bool),
    Int(i64),
    Text(String),
    /// Where they are in the file.
    Bytes(Range<u64>),
    Tuple(Vec<Id>),
    /// A list or a set.
    List(Vec<Id>),
    /// Keys with their values, in the order of the file.
    Dictionary(Vec<(Id, Id)>),
    /// The name of a function or a class.
    Name(String),
    /// A call of a function with a tuple of arguments, and the state that its result would then be given.
    Call {
        function: Id,
        arguments: Id,
        state: Option<Id>,
    },
    /// Something beside the pickle, by what identifies it.
    Reference(Id),
    /// What no file of weights needs to be understood: floats, integers of more than eight bytes, text that is not UTF-8.
    Other,
}

/// The values of a pickle.
pub(in super::super) struct Values {
    values: Vec<Value>,
    root: Id,
}

impl Values {
    /// Follows one pickle from where `pickle` is, to the byte behind its end.
    ///
    /// # Errors
    /// If the pickle is cut short or is not a valid program, or has a function or an instruction that is not allowed, which the
    /// error names.
    pub(in super::super) fn read(pickle: &mut Cursor, rules: &Rules) -> Result<Self> {
        let [first] = pickle.array()?;
        ensure!(first == PROTOCOL, "it is another format: no pickle begins like this");
        let [protocol] = pickle.array()?;
        let newest = rules.newest_protocol;
        ensure!(protocol <= newest, "its pickle is of protocol {protocol}; 2 to {newest} are read here");
        let mut machine = Machine {
            pickle,
            rules,
            text: 0,
            values: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        };
        for _ in 0..rules.most_instructions {
            if machine.step()? {
                let [root] = machine.stack[..] else { bail!("its pickle does not end with one value") };
                return Ok(Self { values: machine.values, root });
            }
        }
        bail!("its pickle has more than {} instructions, which no file of weights needs", rules.most_instructions)
    }

    /// The number of the value that the pickle describes as a whole.
    pub(in super::super) fn root(&self) -> Id {
        self.root
    }

    /// The value with this number, to which another value refers.
    pub(in super::super) fn get(&self, id: Id) -> &Value {
        &self.values[id]
    }

    /// All values, in the order in which they were made.
    pub(in super::super) fn all(&self) -> impl Iterator<Item = &Value> {
        self.values.iter()
    }

    /// The items, if the value is a tuple or a list.
    pub(in super::super) fn items(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Value::Tuple(items) | Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The keys with their values, if the value is a dictionary. Python 2 wrote ordered ones as a call with a list of pairs.
    pub(in super::super) fn pairs(&self, id: Id) -> Option<Vec<(Id, Id)>> {
        match self.get(id) {
            Value::Dictionary(pairs) => Some(pairs.clone()),
            Value::Call { function, arguments, .. } => {
                let Value::Name(name) = self.get(*function) else { return None };
                (name == ORDERED_DICTIONARY).then_some(())?;
                let &[pairs] = self.items(*arguments)? else { return None };
                let pair = |&pair: &Id| <&[Id; 2]>::try_from(self.items(pair)?).ok().map(|&[key, value]| (key, value));
                self.items(pairs)?.iter().map(pair).collect()
            }
            _ => None,
        }
    }

    /// The text, if the value is one.
    pub(in super::super) fn text(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if the value is one that is not negative.
    pub(in super::super) fn number(&self, id: Id) -> Option<u64> {
        match *self.get(id) {
            Value::Int(number) => u64::try_from(number).ok(),
            _ => None,
        }
    }

    /// The name of the called function and its arguments, if the value is a call.
    pub(in super::super) fn call(&self, id: Id) -> Option<(&str, &[Id])> {
        let &Value::Call { function, arguments, .. } = self.get(id) else { return None };
        Some((self.name(function)?, self.items(arguments)?))
    }

    /// The name, if the value is that of a function or a class.
    pub(in super::super) fn name(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Value::Name(name) => Some(name),
            _ => None,
        }
    }
}

const ORDERED_DICTIONARY: &str = "collections.OrderedDict";

/// The state of the stack machine.
struct Machine<'a> {
    pickle: &'a mut Cursor,
    rules: &'a Rules,
    /// Bytes of text that are kept.
    text: usize,
    values: Vec<Value>,
    stack: Vec<Id>,
    /// Heights of the stack that the pickle has marked.
    marks: Vec<usize>,
    /// Values that the pickle has stored for later use, by the number that it gives them.
    memo: HashMap<u32, Id>,
}

impl Machine<'_> {
    /// Follows one instruction. Gives whether it was the last.
    fn step(&mut self) -> Result<bool> {
        let [instruction] = self.pickle.array()?;
        match instruction {
            b'.' => return Ok(true),
            // A frame is for readers that read ahead; its length says nothing that the instructions do not.
            0x95 => _ = self.pickle.array::<8>()?,
            b'(' => self.marks.push(self.stack.len()),
            b'0' => _ = self.popped(1)?,
            b'1' => _ = self.marked()?,
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            b'N' => self.push(Value::None),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'K' => self.integer::<1>(|bytes| u8::from_le_bytes(bytes).into())?,
            b'M' => self.integer::<2>(|bytes| u16::from_le_bytes(bytes).into())?,
            b'J' => self.integer::<4>(|bytes| i32::from_le_bytes(bytes).into())?,
            0x8a => self.long::<1>()?,
            0x8b => self.long::<4>()?,
            b'G' => {
                self.pickle.array::<8>()?;
                self.push(Value::Other);
            }
            b'U' | 0x8c => self.text::<1>()?,
            b'T' | b'X' => self.text::<4>()?,
            0x8d => self.text::<8>()?,
            b'C' => self.bytes::<1>()?,
            b'B' => self.bytes::<4>()?,
            0x8e | 0x96 => self.bytes::<8>()?,
            b')' => self.push(Value::Tuple(Vec::new())),
            b']' | 0x8f => self.push(Value::List(Vec::new())),
            b'}' => self.push(Value::Dictionary(Vec::new())),
            0x85..=0x87 => {
                let items = self.popped(usize::from(instruction - 0x84))?;
                self.push(Value::Tuple(items));
            }
            b't' | 0x91 => {
                let items = self.marked()?;
                self.push(Value::Tuple(items));
            }
            b'l' => {
                let items = self.marked()?;
                self.push(Value::List(items));
            }
            b'd' => {
                let items = self.marked()?;
                self.push(Value::Dictionary(Vec::new()));
                self.insert(&items)?;
            }
            b'a' => {
                let items = self.popped(1)?;
                self.append(&items)?;
            }
            b'e' | 0x90 => {
                let items = self.marked()?;
                self.append(&items)?;
            }
            b's' => {
                let items = self.popped(2)?;
                self.insert(&items)?;
            }
            b'u' => {
                let items = self.marked()?;
                self.insert(&items)?;
            }
            b'q' => self.remember::<1>()?,
            b'r' => self.remember::<4>()?,
            0x94 => {
                let number = u32::try_from(self.memo.len())?;
                _ = self.memo.insert(number, self.top()?);
            }
            b'h' => self.recall::<1>()?,
            b'j' => self.recall::<4>()?,
            b'c' => {
                let name = format!("{}.{}", line(self.pickle)?, line(self.pickle)?);
                self.name(name)?;
            }
            0x93 => {
                let parts = self.popped(2)?;
                let [Value::Text(module), Value::Text(name)] = [&self.values[parts[0]], &self.values[parts[1]]] else {
                    bail!(NO_PROGRAM);
                };
                self.name(format!("{module}.{name}"))?;
            }
            // An object with arguments by name: the last of its three parts, which is left aside.
            0x92 => {
                self.popped(1)?;
                self.call()?;
            }
            b'R' | 0x81 => self.call()?,
            b'b' => {
                let given = self.popped(1)?[0];
                let object = self.top()?;
                match &mut self.values[object] {
                    Value::Call { state, .. } => *state = Some(given),
                    // The attributes of a dictionary, such as the versions that PyTorch gives to its modules.
                    Value::Dictionary(_) => {}
                    _ => bail!(NO_PROGRAM),
                }
            }
            b'Q' => {
                let identity = self.popped(1)?[0];
                self.push(Value::Reference(identity));
            }
            other => bail!(unknown(other)),
        }
        Ok(false)
    }

    fn push(&mut self, value: Value) {
        self.stack.push(self.values.len());
        self.values.push(value);
    }

    /// An unsigned number of `N` bytes, of which there are at most eight.
    fn number<const N: usize>(&mut self) -> Result<u64> {
        let mut wide = [0; 8];
        wide[..N].copy_from_slice(&self.pickle.array::<N>()?);
        Ok(u64::from_le_bytes(wide))
    }

    fn integer<const N: usize>(&mut self, of: fn([u8; N]) -> i64) -> Result<()> {
        let value = of(self.pickle.array()?);
        self.push(Value::Int(value));
        Ok(())
    }

    /// An integer of as many bytes as a count of `N` bytes says.
    fn long<const N: usize>(&mut self) -> Result<()> {
        let length = self.number::<N>()?;
        if length > 8 {
            self.pickle.skip(length)?;
            self.push(Value::Other);
            return Ok(());
        }
        let mut wide = [0; 8];
        for byte in &mut wide[..length as usize] {
            [*byte] = self.pickle.array()?;
        }
        // The last byte has the sign.
        let unused = 64 - 8 * length as u32;
        let value = if length == 0 { 0 } else { i64::from_le_bytes(wide) << unused >> unused };
        self.push(Value::Int(value));
        Ok(())
    }

    fn text<const N: usize>(&mut self) -> Result<()> {
        let length = self.number::<N>()?;
        ensure!(length <= self.pickle.left(), CUT_SHORT);
        let kept = usize::try_from(length).ok().and_then(|length| self.text.checked_add(length));
        let kept = kept.filter(|&kept| kept <= MOST_TEXT);
        self.text = kept.context("its pickle has more text than a file of weights needs")?;
        let mut bytes = vec![0; length as usize];
        self.pickle.read_exact(&mut bytes)?;
        // Python 2 wrote bytes as text.
        self.push(String::from_utf8(bytes).map_or(Value::Other, Value::Text));
        Ok(())
    }

    /// Bytes, which stay in the file, so that a great count takes no memory.
    fn bytes<const N: usize>(&mut self) -> Result<()> {
        let length = self.number::<N>()?;
        let start = self.pickle.skip(length)?;
        self.push(Value::Bytes(start..start + length));
        Ok(())
    }

    fn name(&mut self, name: String) -> Result<()> {
        ensure!((self.rules.allowed)(&name), "{}", forbidden(&name));
        self.push(Value::Name(name));
        Ok(())
    }

    fn call(&mut self) -> Result<()> {
        let parts = self.popped(2)?;
        let (function, arguments) = (parts[0], parts[1]);
        let (Value::Name(name), Value::Tuple(given)) = (&self.values[function], &self.values[arguments]) else {
            bail!(NO_PROGRAM)
        };
        let dictionary = given.is_empty() && name == ORDERED_DICTIONARY;
        self.push(match dictionary {
            true => Value::Dictionary(Vec::new()),
            false => Value::Call { function, arguments, state: None },
        });
        Ok(())
    }

    fn remember<const N: usize>(&mut self) -> Result<()> {
        let number = u32::try_from(self.number::<N>()?)?;
        _ = self.memo.insert(number, self.top()?);
        Ok(())
    }

    fn recall<const N: usize>(&mut self) -> Result<()> {
        let number = u32::try_from(self.number::<N>()?)?;
        self.stack.push(*self.memo.get(&number).context(NO_PROGRAM)?);
        Ok(())
    }

    /// The values above the last mark.
    fn base(&self) -> usize {
        self.marks.last().copied().unwrap_or_default()
    }

    fn top(&self) -> Result<Id> {
        ensure!(self.stack.len() > self.base(), NO_PROGRAM);
        self.stack.last().copied().context(NO_PROGRAM)
    }

    /// Takes the uppermost values off the stack, in the order in which they came there.
    fn popped(&mut self, count: usize) -> Result<Vec<Id>> {
        let left = self.stack.len().checked_sub(count).filter(|&left| left >= self.base());
        Ok(self.stack.split_off(left.context(NO_PROGRAM)?))
    }

    /// Takes all values above the last mark off the stack, and the mark.
    fn marked(&mut self) -> Result<Vec<Id>> {
        let mark = self.marks.pop().context(NO_PROGRAM)?;
        ensure!(mark <= self.stack.len(), NO_PROGRAM);
        Ok(self.stack.split_off(mark))
    }

    /// Adds items to the list on top of the stack. What a call made is left as it is: it is not known what it would do with them.
    fn append(&mut self, items: &[Id]) -> Result<()> {
        let list = self.top()?;
        match &mut self.values[list] {
            Value::List(list) => list.extend_from_slice(items),
            Value::Call { .. } => {}
            _ => bail!(NO_PROGRAM),
        }
        Ok(())
    }

    /// Adds items, keys and values in turn, to the dictionary on top of the stack. What a call made is left as it is.
    fn insert(&mut self, items: &[Id]) -> Result<()> {
        let dictionary = self.top()?;
        let (chunks, rest) = items.as_chunks();
        ensure!(rest.is_empty(), NO_PROGRAM);
        match &mut self.values[dictionary] {
            Value::Dictionary(pairs) => pairs.extend(chunks.iter().map(|&[key, value]| (key, value))),
            Value::Call { .. } => {}
            _ => bail!(NO_PROGRAM),
        }
        Ok(())
    }
}

/// The error of an instruction that does not find what it needs on the stack.
const NO_PROGRAM: &str = "it is another format or damaged: its instructions do not fit together";
