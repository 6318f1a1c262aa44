//! The values that a pickle describes: a stack machine that calls nothing.
//!
//! A call is kept as a value instead of being made, together with the state that the new object would be given; the caller
//! decides what it means. The instructions are those that Python writes in protocols 2 to 4 for dictionaries, lists, tuples, text,
//! bytes, small integers, truth values and None. Any other, such as that of a float or a set, is refused. Protocol 2 has no
//! instruction for bytes: it calls a function that makes them from text, which is refused as well.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};

use super::{bytes, forbidden, line, unknown};

/// Most instructions of a pickle. Each makes at most one value, so that this limits the memory; a file of weights needs about
/// fifty for each layer.
const MOST_INSTRUCTIONS: usize = 100_000;
/// The first byte of a pickle since protocol 2.
const PROTOCOL: u8 = 0x80;
/// The newest protocol whose instructions are known here.
const NEWEST_PROTOCOL: u8 = 4;

/// The number of a value. Values are referred to by number because several may hold the same one, and a list even itself.
pub(in super::super) type Id = usize;

/// What an instruction made. Text and bytes are borrowed from the file.
#[derive(Debug, PartialEq)]
pub(in super::super) enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
    Tuple(Vec<Id>),
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
}

/// The values of a pickle.
pub(in super::super) struct Values<'a> {
    values: Vec<Value<'a>>,
    root: Id,
}

impl<'a> Values<'a> {
    /// Follows one pickle, which must be the whole of `file` and may name what is `allowed`.
    ///
    /// # Errors
    /// If the pickle is cut short or is not a valid program, or has a function or an instruction that is not allowed, which the
    /// error names.
    pub(in super::super) fn read(file: &'a [u8], allowed: &[&str]) -> Result<Self> {
        ensure!(file.first() == Some(&PROTOCOL), "it is another format: no pickle begins like this");
        let mut machine = Machine { rest: file, allowed, ..Machine::default() };
        for _ in 0..MOST_INSTRUCTIONS {
            if machine.step()? {
                let [root] = machine.stack[..] else { bail!("its pickle does not end with one value") };
                ensure!(machine.rest.is_empty(), "something stands behind the end of its pickle");
                return Ok(Self { values: machine.values, root });
            }
        }
        bail!("its pickle has more than {MOST_INSTRUCTIONS} instructions, which no file of weights needs")
    }

    /// The value that the pickle describes as a whole.
    pub(in super::super) fn root(&self) -> &Value<'a> {
        self.get(self.root)
    }

    /// The value with this number, to which another value refers.
    pub(in super::super) fn get(&self, id: Id) -> &Value<'a> {
        &self.values[id]
    }

    /// The items, if the value is a tuple or a list.
    pub(in super::super) fn items(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Value::Tuple(items) | Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text, if the value is one.
    pub(in super::super) fn text(&self, id: Id) -> Option<&'a str> {
        match *self.get(id) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The state of the stack machine.
#[derive(Default)]
struct Machine<'a, 'b> {
    rest: &'a [u8],
    allowed: &'b [&'b str],
    values: Vec<Value<'a>>,
    stack: Vec<Id>,
    /// Heights of the stack that the pickle has marked.
    marks: Vec<usize>,
    /// Values that the pickle has stored for later use, by the number that it gives them.
    memo: HashMap<u32, Id>,
}

impl<'a> Machine<'a, '_> {
    /// Follows one instruction. Gives whether it was the last.
    fn step(&mut self) -> Result<bool> {
        let [instruction] = self.operand()?;
        match instruction {
            b'.' => return Ok(true),
            PROTOCOL => {
                let [protocol] = self.operand()?;
                ensure!(protocol <= NEWEST_PROTOCOL, "its pickle is of protocol {protocol}; 2 to 4 are read here");
            }
            // A frame is for readers that read ahead; its length says nothing that the instructions do not.
            0x95 => _ = self.operand::<8>()?,
            b'(' => self.marks.push(self.stack.len()),
            b'N' => self.push(Value::None),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'K' => self.integer::<1>(|bytes| u8::from_le_bytes(bytes).into())?,
            b'M' => self.integer::<2>(|bytes| u16::from_le_bytes(bytes).into())?,
            b'J' => self.integer::<4>(|bytes| i32::from_le_bytes(bytes).into())?,
            0x8c => self.text::<1>()?,
            b'X' => self.text::<4>()?,
            0x8d => self.text::<8>()?,
            b'C' => self.counted::<1>().map(|bytes| self.push(Value::Bytes(bytes)))?,
            b'B' => self.counted::<4>().map(|bytes| self.push(Value::Bytes(bytes)))?,
            0x8e => self.counted::<8>().map(|bytes| self.push(Value::Bytes(bytes)))?,
            b')' => self.push(Value::Tuple(Vec::new())),
            b']' => self.push(Value::List(Vec::new())),
            b'}' => self.push(Value::Dictionary(Vec::new())),
            0x85..=0x87 => {
                let items = self.popped(usize::from(instruction - 0x84))?;
                self.push(Value::Tuple(items));
            }
            b't' => {
                let items = self.marked()?;
                self.push(Value::Tuple(items));
            }
            b'a' => {
                let items = self.popped(1)?;
                self.append(&items)?;
            }
            b'e' => {
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
                let name = format!("{}.{}", line(&mut self.rest)?, line(&mut self.rest)?);
                self.name(name)?;
            }
            0x93 => {
                let parts = self.popped(2)?;
                let [Value::Text(module), Value::Text(name)] = [&self.values[parts[0]], &self.values[parts[1]]] else {
                    bail!(NO_PROGRAM);
                };
                self.name(format!("{module}.{name}"))?;
            }
            b'R' => {
                let parts = self.popped(2)?;
                let (function, arguments) = (parts[0], parts[1]);
                let fits = matches!(self.values[function], Value::Name(_));
                ensure!(fits && matches!(self.values[arguments], Value::Tuple(_)), NO_PROGRAM);
                self.push(Value::Call { function, arguments, state: None });
            }
            b'b' => {
                let given = self.popped(1)?[0];
                let object = self.top()?;
                let Value::Call { state, .. } = &mut self.values[object] else { bail!(NO_PROGRAM) };
                *state = Some(given);
            }
            other => bail!(unknown(other)),
        }
        Ok(false)
    }

    fn push(&mut self, value: Value<'a>) {
        self.stack.push(self.values.len());
        self.values.push(value);
    }

    /// The bytes behind an instruction.
    fn operand<const N: usize>(&mut self) -> Result<[u8; N]> {
        bytes(&mut self.rest)
    }

    /// As many bytes as a count of `N` bytes says. They are borrowed from the file, so that a great count takes no memory.
    fn counted<const N: usize>(&mut self) -> Result<&'a [u8]> {
        let length = usize::try_from(self.number::<N>()?).ok();
        let (bytes, rest) = length.and_then(|length| self.rest.split_at_checked(length)).context("it is cut short")?;
        self.rest = rest;
        Ok(bytes)
    }

    /// An unsigned number of `N` bytes, of which there are at most eight.
    fn number<const N: usize>(&mut self) -> Result<u64> {
        let mut wide = [0; 8];
        wide[..N].copy_from_slice(&self.operand::<N>()?);
        Ok(u64::from_le_bytes(wide))
    }

    fn integer<const N: usize>(&mut self, of: fn([u8; N]) -> i64) -> Result<()> {
        let value = of(self.operand()?);
        self.push(Value::Int(value));
        Ok(())
    }

    fn text<const N: usize>(&mut self) -> Result<()> {
        let text = str::from_utf8(self.counted::<N>()?).context("a text in its pickle is not UTF-8")?;
        self.push(Value::Text(text));
        Ok(())
    }

    fn name(&mut self, name: String) -> Result<()> {
        ensure!(self.allowed.contains(&name.as_str()), "{}", forbidden(&name));
        self.push(Value::Name(name));
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

    /// Adds items to the list on top of the stack.
    fn append(&mut self, items: &[Id]) -> Result<()> {
        let list = self.top()?;
        let Value::List(list) = &mut self.values[list] else { bail!(NO_PROGRAM) };
        list.extend_from_slice(items);
        Ok(())
    }

    /// Adds items, keys and values in turn, to the dictionary on top of the stack.
    fn insert(&mut self, items: &[Id]) -> Result<()> {
        let dictionary = self.top()?;
        let Value::Dictionary(pairs) = &mut self.values[dictionary] else { bail!(NO_PROGRAM) };
        let (chunks, rest) = items.as_chunks();
        ensure!(rest.is_empty(), NO_PROGRAM);
        pairs.extend(chunks.iter().map(|&[key, value]| (key, value)));
        Ok(())
    }
}

/// The error of an instruction that does not find what it needs on the stack.
const NO_PROGRAM: &str = "it is another format or damaged: its instructions do not fit together";
