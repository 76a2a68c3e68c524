// From a multiboot loader to main() in 64 bits with every vector register and tile enabled; then off.
.set kMagic, 0x1BADB002
.section .multiboot, "a"
.align 4
.long kMagic, 0, -kMagic

.section .bss
.align 4096
level4: .skip 4096
level3: .skip 4096
level2: .skip 4096
.skip 1 << 20
stack_top:

.section .data
.align 8
descriptors: .quad 0, 0x00209A0000000000, 0x0000920000000000
descriptors_place: .word 23
.long descriptors

.section .text
.code32
.globl _start
_start:
  cli
  mov $stack_top, %esp
  // the first GiB as it is, in pages of 2 MiB
  movl $(level3 + 3), level4
  movl $(level2 + 3), level3
  mov $0x83, %eax
  mov $level2, %edi
  mov $512, %ecx
1: mov %eax, (%edi)
  add $0x200000, %eax
  add $8, %edi
  loop 1b
  mov $level4, %eax
  mov %eax, %cr3
  mov %cr4, %eax
  or $0x40620, %eax  // PAE, OSFXSR, OSXMMEXCPT, OSXSAVE
  mov %eax, %cr4
  mov $0xC0000080, %ecx
  rdmsr
  or $0x100, %eax  // long mode
  wrmsr
  mov %cr0, %eax
  and $0xFFFFFFFB, %eax  // floating point is not emulated by software
  or $0x80000003, %eax
  mov %eax, %cr0
  lgdt descriptors_place
  ljmp $8, $in_64_bits
.code64
in_64_bits:
  mov $16, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %ss
  xor %ecx, %ecx
  xor %edx, %edx
  mov $0x600E7, %eax  // x87, SSE, AVX, AVX-512, tile configuration and data
  xsetbv
  and $-64, %rsp
  call main
  mov $0x8900, %dx  // Bochs turns itself off on this word
  mov $word_off, %rsi
  mov $8, %ecx
  rep outsb
1: hlt
  jmp 1b
.section .rodata
word_off: .ascii "Shutdown"
