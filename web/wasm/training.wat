;; out[i, j] += Σ_k left[i, k] · right[k, j] for groups of four rows and four columns: four by four sums at a time, two in
;; each register. All numbers are doubles; steps and widths are in bytes.
;;
;;   left    number [i, k] lies at i · $down + k · $along, so it may be read turned
;;   right   [inner][width], of which $columns are used
;;   out     [rows][width]
(module
  (import "env" "memory" (memory 1))

  ;; Add four sums to four numbers of the output.
  (func $add (param $to i32) (param $low v128) (param $high v128)
    (v128.store (local.get $to) (f64x2.add (v128.load (local.get $to)) (local.get $low)))
    (v128.store offset=16 (local.get $to) (f64x2.add (v128.load offset=16 (local.get $to)) (local.get $high))))

  (func (export "add")
    (param $out i32) (param $left i32) (param $down i32) (param $along i32) (param $right i32) (param $width i32)
    (param $rows i32) (param $columns i32) (param $inner i32)
    (local $row i32) (local $column i32) (local $k i32) (local $w i32) (local $to i32)
    (local $x0 i32) (local $x1 i32) (local $x2 i32) (local $x3 i32)
    (local $low v128) (local $high v128) (local $x v128)
    (local $a0 v128) (local $b0 v128) (local $a1 v128) (local $b1 v128)
    (local $a2 v128) (local $b2 v128) (local $a3 v128) (local $b3 v128)
    (loop $four
      (local.set $row (i32.const 0))
      (loop $group
        (local.set $a0 (v128.const i64x2 0 0)) (local.set $b0 (v128.const i64x2 0 0))
        (local.set $a1 (v128.const i64x2 0 0)) (local.set $b1 (v128.const i64x2 0 0))
        (local.set $a2 (v128.const i64x2 0 0)) (local.set $b2 (v128.const i64x2 0 0))
        (local.set $a3 (v128.const i64x2 0 0)) (local.set $b3 (v128.const i64x2 0 0))
        (local.set $x0 (i32.add (local.get $left) (i32.mul (local.get $row) (local.get $down))))
        (local.set $x1 (i32.add (local.get $x0) (local.get $down)))
        (local.set $x2 (i32.add (local.get $x1) (local.get $down)))
        (local.set $x3 (i32.add (local.get $x2) (local.get $down)))
        (local.set $w (i32.add (local.get $right) (i32.shl (local.get $column) (i32.const 3))))
        (local.set $k (local.get $inner))
        (loop $term
          (local.set $low (v128.load (local.get $w)))
          (local.set $high (v128.load offset=16 (local.get $w)))
          (local.set $x (v128.load64_splat (local.get $x0)))
          (local.set $a0 (f64x2.add (local.get $a0) (f64x2.mul (local.get $low) (local.get $x))))
          (local.set $b0 (f64x2.add (local.get $b0) (f64x2.mul (local.get $high) (local.get $x))))
          (local.set $x (v128.load64_splat (local.get $x1)))
          (local.set $a1 (f64x2.add (local.get $a1) (f64x2.mul (local.get $low) (local.get $x))))
          (local.set $b1 (f64x2.add (local.get $b1) (f64x2.mul (local.get $high) (local.get $x))))
          (local.set $x (v128.load64_splat (local.get $x2)))
          (local.set $a2 (f64x2.add (local.get $a2) (f64x2.mul (local.get $low) (local.get $x))))
          (local.set $b2 (f64x2.add (local.get $b2) (f64x2.mul (local.get $high) (local.get $x))))
          (local.set $x (v128.load64_splat (local.get $x3)))
          (local.set $a3 (f64x2.add (local.get $a3) (f64x2.mul (local.get $low) (local.get $x))))
          (local.set $b3 (f64x2.add (local.get $b3) (f64x2.mul (local.get $high) (local.get $x))))
          (local.set $x0 (i32.add (local.get $x0) (local.get $along)))
          (local.set $x1 (i32.add (local.get $x1) (local.get $along)))
          (local.set $x2 (i32.add (local.get $x2) (local.get $along)))
          (local.set $x3 (i32.add (local.get $x3) (local.get $along)))
          (local.set $w (i32.add (local.get $w) (local.get $width)))
          (br_if $term (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
        (local.set $to (i32.add (local.get $out) (i32.add
          (i32.mul (local.get $row) (local.get $width)) (i32.shl (local.get $column) (i32.const 3)))))
        (call $add (local.get $to) (local.get $a0) (local.get $b0))
        (local.set $to (i32.add (local.get $to) (local.get $width)))
        (call $add (local.get $to) (local.get $a1) (local.get $b1))
        (local.set $to (i32.add (local.get $to) (local.get $width)))
        (call $add (local.get $to) (local.get $a2) (local.get $b2))
        (local.set $to (i32.add (local.get $to) (local.get $width)))
        (call $add (local.get $to) (local.get $a3) (local.get $b3))
        (local.set $row (i32.add (local.get $row) (i32.const 4)))
        (br_if $group (i32.lt_u (local.get $row) (local.get $rows))))
      (local.set $column (i32.add (local.get $column) (i32.const 4)))
      (br_if $four (i32.lt_u (local.get $column) (local.get $columns))))))
