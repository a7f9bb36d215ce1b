"""What a processor does to many bytes at once, for compiled code: 64 bytes against one, 8 bytes as a number, the lowest bit set.

Memory is named by its address: an array handed to a compiled function costs more (its references are counted) than reading a field from it.
The caller sees to it that the memory exists.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_I8, _I32, _I64, _DOUBLE = ir.IntType(8), ir.IntType(32), ir.IntType(64), ir.DoubleType()


def _load(builder, args, dtype):
    """What lies `args[1]` places of `dtype` behind the address `args[0]`, wherever that is."""
    step = 4 if dtype == _I32 else 8 if dtype == _DOUBLE else 1
    place = builder.add(args[0], builder.mul(args[1], ir.Constant(_I64, step)))
    value = builder.load(builder.inttoptr(place, dtype.as_pointer()))
    value.align = 1
    return value


@intrinsic
def byte_at(typing, address, at):
    """The byte `at` places behind an address."""
    return types.uint8(types.int64, types.int64), lambda context, builder, signature, args: _load(builder, args, _I8)


@intrinsic
def load_u64(typing, address, at):
    """The 8 bytes that begin `at` bytes behind an address as one little-endian number."""
    return types.uint64(types.int64, types.int64), lambda context, builder, signature, args: _load(builder, args, _I64)


@intrinsic
def int32_at(typing, address, at):
    """The number `at` places behind the address of 32-bit numbers."""
    return types.int64(types.int64, types.int64), lambda context, builder, signature, args: builder.sext(_load(builder, args, _I32), _I64)


@intrinsic
def float64_at(typing, address, at):
    """The number `at` places behind the address of doubles."""
    return types.float64(types.int64, types.int64), lambda context, builder, signature, args: _load(builder, args, _DOUBLE)


@intrinsic
def equal_64(typing, address, at, byte):
    """Bit i is set where the byte `at + i` behind an address is `byte`, for i below 64."""

    def code(context, builder, signature, args):
        vector = ir.VectorType(_I8, 64)
        block = _load(builder, args, vector)
        first = builder.insert_element(ir.Constant(vector, ir.Undefined), args[2], ir.Constant(_I32, 0))
        spread = builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), ir.Constant(ir.VectorType(_I32, 64), [0] * 64))
        return builder.bitcast(builder.icmp_unsigned("==", block, spread), _I64)

    return types.uint64(types.int64, types.int64, types.uint8), code


@intrinsic
def lowest_bit(typing, word):
    """Number of the lowest bit set, 64 when none is."""

    def code(context, builder, signature, args):
        return builder.cttz(args[0], cgutils.false_bit)

    return types.int64(types.uint64), code


@intrinsic
def bits_set(typing, word):
    """How many bits are set."""

    def code(context, builder, signature, args):
        return builder.ctpop(args[0])

    return types.int64(types.uint64), code
