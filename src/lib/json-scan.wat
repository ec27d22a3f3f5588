;; Scans one JSON object: checks its syntax to the end, and notes where the fields that it is asked for stand.
;;
;; The happy path of json-scan.ts: whatever is unusual (a fault, a name spelled with escapes, a name that stands twice, deep nesting)
;; ends the scan with 0, and the scan in TypeScript then reads the bytes from the beginning and words what is wrong.
;;
;; Memory: 0 the kinds of bytes by which values begin, 256 what may follow a backslash, 512 hexadecimal digits, 1024 the stack of
;; containers, 8160 the number of repetitions, 8192 the regions of the scans (layout in json-scan-wasm.ts), 65536 the document, 1179648 the list of elements. Strings are stepped over 16 bytes at a
;; time, so 16 bytes behind the document are readable.
(module
  (memory (export "memory") 19)
  (global $r (mut i32) (i32.const 0))          ;; region of the present scan
  (global $end (mut i32) (i32.const 0))        ;; behind the last byte
  (global $base (mut i32) (i32.const 0))       ;; what is taken off an address to get a position
  (global $escaped (mut i32) (i32.const 0))
  (global $field (mut i32) (i32.const -1))     ;; known field whose value is read
  (global $itemField (mut i32) (i32.const -1)) ;; known field of the present element
  (global $itemStart (mut i32) (i32.const -1)) ;; where the present element begins; -1: none, or no object
  (global $inItems (mut i32) (i32.const 0))    ;; the present top-level value is the list of items

  ;; the index of the next byte that is no white space
  (func $space (param $i i32) (result i32)
    (local $c i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (global.get $end)))
        (local.set $c (i32.load8_u (local.get $i)))
        (br_if $done (i32.gt_u (local.get $c) (i32.const 32)))
        (if (i32.or
              (i32.or (i32.eq (local.get $c) (i32.const 32)) (i32.eq (local.get $c) (i32.const 10)))
              (i32.or (i32.eq (local.get $c) (i32.const 13)) (i32.eq (local.get $c) (i32.const 9))))
          (then (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $next)))))
    (local.get $i))

  ;; the index behind the closing quote of the string whose first byte is at i; -1: a fault
  (func $string (param $i i32) (result i32)
    (local $v v128) (local $m i32) (local $c i32)
    (global.set $escaped (i32.const 0))
    (loop $next
      (local.set $v (v128.load (local.get $i)))
      (local.set $m (i8x16.bitmask (v128.or
        (v128.or (i8x16.eq (local.get $v) (i8x16.splat (i32.const 34))) (i8x16.eq (local.get $v) (i8x16.splat (i32.const 92))))
        (i8x16.lt_u (local.get $v) (i8x16.splat (i32.const 32))))))
      (if (i32.eqz (local.get $m))
        (then
          (local.set $i (i32.add (local.get $i) (i32.const 16)))
          (br_if $next (i32.lt_u (local.get $i) (global.get $end)))
          (return (i32.const -1))))
      (local.set $i (i32.add (local.get $i) (i32.ctz (local.get $m))))
      (if (i32.ge_u (local.get $i) (global.get $end)) (then (return (i32.const -1))))
      (local.set $c (i32.load8_u (local.get $i)))
      (if (i32.eq (local.get $c) (i32.const 34)) (then (return (i32.add (local.get $i) (i32.const 1)))))
      (if (i32.ne (local.get $c) (i32.const 92)) (then (return (i32.const -1))))
      (global.set $escaped (i32.const 1))
      (if (i32.ge_u (i32.add (local.get $i) (i32.const 1)) (global.get $end)) (then (return (i32.const -1))))
      (local.set $c (i32.load8_u offset=256 (i32.load8_u offset=1 (local.get $i))))
      (if (i32.eq (local.get $c) (i32.const 1))
        (then
          (local.set $i (i32.add (local.get $i) (i32.const 2)))
          (br_if $next (i32.lt_u (local.get $i) (global.get $end)))
          (return (i32.const -1))))
      (if (i32.ne (local.get $c) (i32.const 2)) (then (return (i32.const -1))))
      (if (i32.ge_u (i32.add (local.get $i) (i32.const 6)) (global.get $end)) (then (return (i32.const -1))))
      (if (i32.ne (i32.const 4)
            (i32.add
              (i32.add (i32.load8_u offset=512 (i32.load8_u offset=2 (local.get $i))) (i32.load8_u offset=512 (i32.load8_u offset=3 (local.get $i))))
              (i32.add (i32.load8_u offset=512 (i32.load8_u offset=4 (local.get $i))) (i32.load8_u offset=512 (i32.load8_u offset=5 (local.get $i))))))
        (then (return (i32.const -1))))
      (local.set $i (i32.add (local.get $i) (i32.const 6)))
      (br $next))
    (i32.const -1))

  ;; the index behind the digits that begin at i
  (func $digits (param $i i32) (result i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $i) (global.get $end)))
        (br_if $done (i32.gt_u (i32.sub (i32.load8_u (local.get $i)) (i32.const 48)) (i32.const 9)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (local.get $i))

  ;; the index behind the number that begins at i; -1: a fault
  (func $number (param $i i32) (result i32)
    (local $first i32) (local $at i32) (local $c i32)
    (local.set $first (local.get $i))
    (if (i32.eq (i32.load8_u (local.get $i)) (i32.const 45)) (then (local.set $first (i32.add (local.get $i) (i32.const 1)))))
    (local.set $at (call $digits (local.get $first)))
    (if (i32.eq (local.get $at) (local.get $first)) (then (return (i32.const -1))))
    (if (i32.and
          (i32.gt_u (local.get $at) (i32.add (local.get $first) (i32.const 1)))
          (i32.eq (i32.load8_u (local.get $first)) (i32.const 48)))
      (then (return (i32.const -1))))
    (if (i32.ge_u (local.get $at) (global.get $end)) (then (return (local.get $at))))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 46))
      (then
        (local.set $c (call $digits (i32.add (local.get $at) (i32.const 1))))
        (if (i32.eq (local.get $c) (i32.add (local.get $at) (i32.const 1))) (then (return (i32.const -1))))
        (local.set $at (local.get $c))
        (if (i32.ge_u (local.get $at) (global.get $end)) (then (return (local.get $at))))))
    (if (i32.eq (i32.or (i32.load8_u (local.get $at)) (i32.const 32)) (i32.const 101))
      (then
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (if (i32.ge_u (local.get $at) (global.get $end)) (then (return (i32.const -1))))
        (local.set $c (i32.load8_u (local.get $at)))
        (if (i32.or (i32.eq (local.get $c) (i32.const 43)) (i32.eq (local.get $c) (i32.const 45)))
          (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
        (local.set $c (call $digits (local.get $at)))
        (if (i32.eq (local.get $c) (local.get $at)) (then (return (i32.const -1))))
        (local.set $at (local.get $c))))
    (local.get $at))

  ;; the index behind true (type 5), false (6) or null (7) at i; -1: a fault
  (func $literal (param $i i32) (param $type i32) (result i32)
    (local $length i32)
    (local.set $length (select (i32.const 5) (i32.const 4) (i32.eq (local.get $type) (i32.const 6))))
    (if (i32.gt_u (i32.add (local.get $i) (local.get $length)) (global.get $end)) (then (return (i32.const -1))))
    (if (i32.eq (local.get $type) (i32.const 6))
      (then
        (if (i32.ne (i32.load offset=1 align=1 (local.get $i)) (i32.const 0x65736c61)) (then (return (i32.const -1)))))
      (else
        (if (i32.ne (i32.load align=1 (local.get $i))
              (select (i32.const 0x65757274) (i32.const 0x6c6c756e) (i32.eq (local.get $type) (i32.const 5))))
          (then (return (i32.const -1))))))
    (i32.add (local.get $i) (local.get $length)))

  ;; which of the names is [from, to); -1: none. A name is an address and a length.
  (func $name (param $table i32) (param $count i32) (param $from i32) (param $to i32) (result i32)
    (local $n i32) (local $length i32) (local $at i32) (local $k i32)
    (local.set $length (i32.sub (local.get $to) (local.get $from)))
    (block $none
      (loop $next
        (br_if $none (i32.ge_u (local.get $n) (local.get $count)))
        (block $other
          (br_if $other (i32.ne (i32.load offset=4 (local.get $table)) (local.get $length)))
          (local.set $at (i32.load (local.get $table)))
          (local.set $k (i32.const 0))
          (block $same
            (loop $byte
              (br_if $same (i32.ge_u (local.get $k) (local.get $length)))
              (br_if $other (i32.ne
                (i32.load8_u (i32.add (local.get $at) (local.get $k)))
                (i32.load8_u (i32.add (local.get $from) (local.get $k)))))
              (local.set $k (i32.add (local.get $k) (i32.const 1)))
              (br $byte)))
          (return (local.get $n)))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (local.set $table (i32.add (local.get $table) (i32.const 8)))
        (br $next)))
    (i32.const -1))

  ;; reads a member's name and colon; the index behind them, or -1
  (func $key (param $i i32) (param $depth i32) (result i32)
    (local $after i32)
    (if (i32.ge_u (local.get $i) (global.get $end)) (then (return (i32.const -1))))
    (if (i32.ne (i32.load8_u (local.get $i)) (i32.const 34)) (then (return (i32.const -1))))
    (local.set $after (call $string (i32.add (local.get $i) (i32.const 1))))
    (if (i32.lt_s (local.get $after) (i32.const 0)) (then (return (i32.const -1))))
    (if (i32.eq (local.get $depth) (i32.const 1))
      (then
        (if (global.get $escaped) (then (return (i32.const -1))))
        (i32.store offset=60 (global.get $r) (i32.add (i32.load offset=60 (global.get $r)) (i32.const 1)))
        (global.set $field (call $name
          (i32.load offset=20 (global.get $r)) (i32.load (global.get $r))
          (i32.add (local.get $i) (i32.const 1)) (i32.sub (local.get $after) (i32.const 1))))
        (global.set $inItems (i32.const 0))
        (if (i32.ge_s (global.get $field) (i32.const 0))
          (then
            (if (i32.load8_u (i32.add (i32.load offset=24 (global.get $r)) (global.get $field))) (then (return (i32.const -1))))
            (i32.store
              (i32.add (i32.load offset=36 (global.get $r)) (i32.shl (global.get $field) (i32.const 2)))
              (i32.sub (local.get $i) (global.get $base))))))
      (else
        (if (i32.and (i32.eq (local.get $depth) (i32.const 3)) (i32.ge_s (global.get $itemStart) (i32.const 0)))
          (then
            (if (global.get $escaped) (then (return (i32.const -1))))
            (global.set $itemField (call $name
              (i32.load offset=88 (global.get $r)) (i32.load offset=4 (global.get $r))
              (i32.add (local.get $i) (i32.const 1)) (i32.sub (local.get $after) (i32.const 1))))))))
    (local.set $after (call $space (local.get $after)))
    (if (i32.ge_u (local.get $after) (global.get $end)) (then (return (i32.const -1))))
    (if (i32.ne (i32.load8_u (local.get $after)) (i32.const 58)) (then (return (i32.const -1))))
    (i32.add (local.get $after) (i32.const 1)))

  (func $clearItem
    (local $n i32) (local $count i32)
    (local.set $count (i32.load offset=4 (global.get $r)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $n) (local.get $count)))
        (i32.store8 (i32.add (i32.load offset=40 (global.get $r)) (local.get $n)) (i32.const 0))
        (i32.store (i32.add (i32.load offset=44 (global.get $r)) (i32.shl (local.get $n) (i32.const 2))) (i32.const -1))
        (i32.store (i32.add (i32.load offset=48 (global.get $r)) (i32.shl (local.get $n) (i32.const 2))) (i32.const -1))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br $next))))

  (func $valueStarts (param $depth i32) (param $i i32) (param $type i32)
    (local $at i32)
    (local.set $at (i32.sub (local.get $i) (global.get $base)))
    (if (i32.eq (local.get $depth) (i32.const 1))
      (then
        (if (i32.ge_s (global.get $field) (i32.const 0))
          (then
            (i32.store (i32.add (i32.load offset=28 (global.get $r)) (i32.shl (global.get $field) (i32.const 2))) (local.get $at))
            (i32.store8 (i32.add (i32.load offset=24 (global.get $r)) (global.get $field)) (local.get $type))
            (global.set $inItems (i32.and
              (i32.eq (global.get $field) (i32.load offset=8 (global.get $r)))
              (i32.eq (local.get $type) (i32.const 4))))))
        (return)))
    (if (i32.eq (local.get $depth) (i32.const 2))
      (then
        (if (global.get $inItems)
          (then
            (call $clearItem)
            (global.set $itemField (i32.const -1))
            (if (i32.eq (local.get $type) (i32.const 3))
              (then (global.set $itemStart (local.get $at)))
              (else
                (if (i32.lt_s (i32.load offset=68 (global.get $r)) (i32.const 0))
                  (then (i32.store offset=68 (global.get $r) (i32.load offset=64 (global.get $r)))))))))
        (return)))
    (if (i32.eq (local.get $depth) (i32.const 3))
      (then
        (if (i32.and (i32.ge_s (global.get $itemStart) (i32.const 0)) (i32.ge_s (global.get $itemField) (i32.const 0)))
          (then
            (i32.store (i32.add (i32.load offset=44 (global.get $r)) (i32.shl (global.get $itemField) (i32.const 2))) (local.get $at))
            (i32.store8 (i32.add (i32.load offset=40 (global.get $r)) (global.get $itemField)) (local.get $type)))))
      (else (i32.store offset=52 (global.get $r) (local.get $at)))))

  ;; whether the label of the present element is the mark
  (func $isMarked (result i32)
    (local $from i32) (local $mark i32) (local $length i32) (local $k i32)
    (local.set $length (i32.load offset=12 (global.get $r)))
    (if (i32.eqz (local.get $length)) (then (return (i32.const 0))))
    (local.set $from (i32.load (i32.load offset=44 (global.get $r))))
    (if (i32.ne (i32.sub (i32.load (i32.load offset=48 (global.get $r))) (local.get $from)) (local.get $length)) (then (return (i32.const 0))))
    (local.set $from (i32.add (local.get $from) (global.get $base)))
    (local.set $mark (i32.load offset=16 (global.get $r)))
    (loop $next
      (if (i32.ne
            (i32.load8_u (i32.add (local.get $from) (local.get $k)))
            (i32.load8_u (i32.add (local.get $mark) (local.get $k))))
        (then (return (i32.const 0))))
      (local.set $k (i32.add (local.get $k) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $k) (local.get $length))))
    (i32.const 1))

  ;; start, end, start of the first field, start, end and type of the second, into the list of elements
  (func $noteItem (param $at i32)
    (local $row i32) (local $starts i32) (local $ends i32)
    (local.set $row (i32.add (i32.const 1179648) (i32.mul (i32.load offset=64 (global.get $r)) (i32.const 24))))
    (local.set $starts (i32.load offset=44 (global.get $r)))
    (local.set $ends (i32.load offset=48 (global.get $r)))
    (i32.store (local.get $row) (global.get $itemStart))
    (i32.store offset=4 (local.get $row) (local.get $at))
    (i32.store offset=8 (local.get $row) (i32.load (local.get $starts)))
    (i32.store offset=12 (local.get $row) (i32.load offset=4 (local.get $starts)))
    (i32.store offset=16 (local.get $row) (i32.load offset=4 (local.get $ends)))
    (i32.store offset=20 (local.get $row) (i32.load8_u offset=1 (i32.load offset=40 (global.get $r)))))

  (func $itemEnds (param $at i32)
    (if (i32.and (i32.ge_s (global.get $itemStart) (i32.const 0)) (i32.gt_s (i32.load offset=4 (global.get $r)) (i32.const 0)))
      (then
        (if (i32.ne (i32.load8_u (i32.load offset=40 (global.get $r))) (i32.const 1))
          (then
            (if (i32.lt_s (i32.load offset=72 (global.get $r)) (i32.const 0))
              (then (i32.store offset=72 (global.get $r) (i32.load offset=64 (global.get $r))))))
          (else
            (if (call $isMarked)
              (then
                (i32.store offset=76 (global.get $r) (global.get $itemStart))
                (i32.store offset=80 (global.get $r) (local.get $at))))))
        (if (i32.and
              (i32.eq (i32.load offset=4 (global.get $r)) (i32.const 2))
              (i32.lt_u (i32.load offset=64 (global.get $r)) (i32.const 2000)))
          (then (call $noteItem (local.get $at))))))
    (i32.store offset=64 (global.get $r) (i32.add (i32.load offset=64 (global.get $r)) (i32.const 1)))
    (global.set $itemStart (i32.const -1)))

  (func $valueEnds (param $depth i32) (param $i i32)
    (local $at i32)
    (local.set $at (i32.sub (local.get $i) (global.get $base)))
    (if (i32.eq (local.get $depth) (i32.const 1))
      (then
        (if (i32.ge_s (global.get $field) (i32.const 0))
          (then (i32.store (i32.add (i32.load offset=32 (global.get $r)) (i32.shl (global.get $field) (i32.const 2))) (local.get $at))))
        (return)))
    (if (i32.eq (local.get $depth) (i32.const 2))
      (then
        (if (global.get $inItems) (then (call $itemEnds (local.get $at))))
        (return)))
    (if (i32.and (i32.eq (local.get $depth) (i32.const 3))
          (i32.and (i32.ge_s (global.get $itemStart) (i32.const 0)) (i32.ge_s (global.get $itemField) (i32.const 0))))
      (then (i32.store (i32.add (i32.load offset=48 (global.get $r)) (i32.shl (global.get $itemField) (i32.const 2))) (local.get $at)))))

  (func $reset
    (local $n i32) (local $count i32) (local $at i32)
    (local.set $count (i32.load (global.get $r)))
    (memory.fill (i32.load offset=24 (global.get $r)) (i32.const 0) (local.get $count))
    (local.set $n (i32.shl (local.get $count) (i32.const 2)))
    (memory.fill (i32.load offset=28 (global.get $r)) (i32.const 255) (local.get $n))
    (memory.fill (i32.load offset=32 (global.get $r)) (i32.const 255) (local.get $n))
    (memory.fill (i32.load offset=36 (global.get $r)) (i32.const 255) (local.get $n))
    (call $clearItem)
    (i32.store offset=52 (global.get $r) (i32.const -1))
    (i32.store offset=56 (global.get $r) (i32.const -1))
    (i32.store offset=60 (global.get $r) (i32.const 0))
    (i32.store offset=64 (global.get $r) (i32.const 0))
    (i32.store offset=68 (global.get $r) (i32.const -1))
    (i32.store offset=72 (global.get $r) (i32.const -1))
    (i32.store offset=76 (global.get $r) (i32.const -1))
    (i32.store offset=80 (global.get $r) (i32.const -1))
    (global.set $field (i32.const -1))
    (global.set $itemField (i32.const -1))
    (global.set $itemStart (i32.const -1))
    (global.set $inItems (i32.const 0)))

  ;; Reads the `length` bytes at 65536 for the scan whose region is at `region`; positions count from `offset`. 1: it is a JSON object.
  (func (export "scan") (param $region i32) (param $length i32) (param $offset i32) (result i32)
    (local $i i32) (local $end i32) (local $depth i32) (local $type i32) (local $c i32)
    (global.set $r (local.get $region))
    (local.set $end (i32.add (i32.const 65536) (local.get $length)))
    (global.set $end (local.get $end))
    (global.set $base (i32.sub (i32.const 65536) (local.get $offset)))
    (call $reset)
    (local.set $i (call $space (i32.const 65536)))
    (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const 0))))
    (if (i32.ne (i32.load8_u (local.get $i)) (i32.const 123)) (then (return (i32.const 0))))
    (loop $value
      (local.set $i (call $space (local.get $i)))
      (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const 0))))
      (local.set $type (i32.load8_u (i32.load8_u (local.get $i))))
      (if (i32.eqz (local.get $type)) (then (return (i32.const 0))))
      (if (i32.le_u (local.get $depth) (i32.const 3)) (then (call $valueStarts (local.get $depth) (local.get $i) (local.get $type))))
      (if (i32.eq (local.get $type) (i32.const 1))
        (then (local.set $i (call $string (i32.add (local.get $i) (i32.const 1)))))
        (else
          (if (i32.or (i32.eq (local.get $type) (i32.const 3)) (i32.eq (local.get $type) (i32.const 4)))
            (then
              (if (i32.ge_u (local.get $depth) (i32.const 3000)) (then (return (i32.const 0))))
              (local.set $depth (i32.add (local.get $depth) (i32.const 1)))
              (i32.store8 offset=1024 (local.get $depth) (local.get $type))
              (local.set $i (call $space (i32.add (local.get $i) (i32.const 1))))
              (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const 0))))
              (if (i32.eq (i32.load8_u (local.get $i)) (select (i32.const 125) (i32.const 93) (i32.eq (local.get $type) (i32.const 3))))
                (then
                  (local.set $i (i32.add (local.get $i) (i32.const 1)))
                  (local.set $depth (i32.sub (local.get $depth) (i32.const 1))))
                (else
                  (if (i32.eq (local.get $type) (i32.const 3))
                    (then
                      (local.set $i (call $key (local.get $i) (local.get $depth)))
                      (if (i32.lt_s (local.get $i) (i32.const 0)) (then (return (i32.const 0))))))
                  (br $value))))
            (else
              (if (i32.eq (local.get $type) (i32.const 2))
                (then (local.set $i (call $number (local.get $i))))
                (else (local.set $i (call $literal (local.get $i) (local.get $type)))))))))
      (if (i32.lt_s (local.get $i) (i32.const 0)) (then (return (i32.const 0))))
      (loop $ended
        (if (i32.le_u (local.get $depth) (i32.const 3)) (then (call $valueEnds (local.get $depth) (local.get $i))))
        (if (i32.eqz (local.get $depth))
          (then
            (i32.store offset=56 (global.get $r) (i32.sub (i32.sub (local.get $i) (i32.const 1)) (global.get $base)))
            (return (i32.ge_u (call $space (local.get $i)) (local.get $end)))))
        (local.set $i (call $space (local.get $i)))
        (if (i32.ge_u (local.get $i) (local.get $end)) (then (return (i32.const 0))))
        (local.set $c (i32.load8_u (local.get $i)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (if (i32.eq (local.get $c) (i32.const 44))
          (then
            (if (i32.eq (i32.load8_u offset=1024 (local.get $depth)) (i32.const 3))
              (then
                (local.set $i (call $key (call $space (local.get $i)) (local.get $depth)))
                (if (i32.lt_s (local.get $i) (i32.const 0)) (then (return (i32.const 0))))))
            (br $value)))
        (if (i32.ne (local.get $c)
              (select (i32.const 125) (i32.const 93) (i32.eq (i32.load8_u offset=1024 (local.get $depth)) (i32.const 3))))
          (then (return (i32.const 0))))
        (local.set $depth (i32.sub (local.get $depth) (i32.const 1)))
        (br $ended)))
    (i32.const 0))

  ;; whether the `length` bytes (16 or more) at a and b are the same
  (func $same (param $a i32) (param $b i32) (param $length i32) (result i32)
    (local $k i32)
    (loop $next
      (if (v128.any_true (v128.xor
            (v128.load (i32.add (local.get $a) (local.get $k)))
            (v128.load (i32.add (local.get $b) (local.get $k)))))
        (then (return (i32.const 0))))
      (local.set $k (i32.add (local.get $k) (i32.const 16)))
      (br_if $next (i32.le_u (i32.add (local.get $k) (i32.const 16)) (local.get $length))))
    (if (i32.eq (local.get $k) (local.get $length)) (then (return (i32.const 1))))
    (local.set $k (i32.sub (local.get $length) (i32.const 16)))
    (i32.eqz (v128.any_true (v128.xor
      (v128.load (i32.add (local.get $a) (local.get $k)))
      (v128.load (i32.add (local.get $b) (local.get $k)))))))

  ;; How far the bytes at 65536, of which [at, end) count, are repetitions of: the bytes at 65536 of length `before`, a JSON string's inside,
  ;; the bytes behind the first ones of length `after`, which begin with the closing quote. Returns the address behind the last
  ;; repetition; their number is put at 8160.
  (func (export "repeats") (param $before i32) (param $after i32) (param $at i32) (param $end i32) (result i32)
    (local $p i32) (local $count i32) (local $tail i32)
    (global.set $end (local.get $end))
    (local.set $tail (i32.add (i32.const 65536) (local.get $before)))
    (block $done
      (loop $next
        (br_if $done (i32.gt_u (i32.add (i32.add (local.get $at) (local.get $before)) (local.get $after)) (local.get $end)))
        (br_if $done (i32.eqz (call $same (i32.const 65536) (local.get $at) (local.get $before))))
        (local.set $p (call $string (i32.add (local.get $at) (local.get $before))))
        (br_if $done (i32.lt_s (local.get $p) (i32.const 0)))
        (local.set $p (i32.sub (local.get $p) (i32.const 1)))
        (br_if $done (i32.gt_u (i32.add (local.get $p) (local.get $after)) (local.get $end)))
        (br_if $done (i32.eqz (call $same (local.get $tail) (local.get $p) (local.get $after))))
        (local.set $at (i32.add (local.get $p) (local.get $after)))
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (br $next)))
    (i32.store (i32.const 8160) (local.get $count))
    (local.get $at))
)
