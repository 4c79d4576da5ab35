// SPDX-License-Identifier: Apache-2.0
// A bare-metal program for the tests of the SoC. It does the job in the mailbox each time the doorbell rings.
#include "programs/soc_program.h"
#include "spec/generated/tern_spec.h"

#define REGISTER(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define SYSTEM(name) REGISTER(TERN_SYSTEM_BASE + TERN_SYSTEM_REG_##name)
#define DMA(name) REGISTER(TERN_DMA_BASE + TERN_DMA_REG_##name)

static uint32_t copy(const volatile uint32_t *arguments, volatile uint32_t *results) {
    DMA(ADDRESS_LO) = arguments[0];
    DMA(ADDRESS_HI) = arguments[1];
    DMA(LOCAL) = arguments[2];
    DMA(LENGTH) = arguments[3];
    DMA(CONTROL) = arguments[4];
    if (arguments[5]) {
        SYSTEM(SLEEP) = arguments[5];
    }
    uint32_t status = DMA(STATUS);
    results[1] = TERN_FIELD_GET(DMA_STATUS_BUSY, status);
    while (TERN_FIELD_GET(DMA_STATUS_BUSY, status)) {
        status = DMA(STATUS);
    }
    return status >> TERN_DMA_STATUS_CODE_SHIFT;
}

static uint32_t sum(uint32_t offset, uint32_t words) {
    const volatile uint32_t *word = (const volatile uint32_t *)(uintptr_t)(TERN_SCRATCH_BASE + offset);
    uint32_t total = 0;
    for (uint32_t i = 0; i < words; i++) {
        total += word[i];
    }
    return total;
}

// Tests each lane of a word: stores of bytes and halves, then loads with and without sign.
static void narrow(uint32_t offset, volatile uint32_t *results) {
    uintptr_t base = TERN_SCRATCH_BASE + offset;
    volatile uint8_t *byte = (volatile uint8_t *)base;
    volatile uint16_t *half = (volatile uint16_t *)base;
    for (uint32_t i = 0; i < 8; i++) {
        byte[i] = (uint8_t)(0x81u + 16 * i + i);
    }
    half[5] = 0x9abc;
    results[0] = *(volatile uint32_t *)base;
    results[1] = *(volatile uint32_t *)(base + 4);
    results[2] = (uint32_t)(int32_t)(volatile int8_t)byte[3] + half[5];
    results[3] = (uint32_t) * (volatile int16_t *)(base + 10);
}

static void floats(uint32_t a, uint32_t b, volatile uint32_t *results) {
    uint32_t added, multiplied;
    // fadd.s and fmul.s take integer registers. Opcode OP-FP, rounding to nearest even.
    __asm__(".insn r 0x53, 0, 0x00, %0, %1, %2" : "=r"(added) : "r"(a), "r"(b));
    __asm__(".insn r 0x53, 0, 0x08, %0, %1, %2" : "=r"(multiplied) : "r"(a), "r"(b));
    results[0] = added;
    results[1] = multiplied;
}

static uint32_t sleep(uint32_t events) {
    const uint32_t time = SYSTEM(TIME_LO);
    SYSTEM(SLEEP) = events;
    return SYSTEM(TIME_LO) - time;
}

static uint32_t cycle_counter(void) {
    uint32_t value;
    __asm__ volatile(".insn i 0x73, 2, %0, x0, -1024" : "=r"(value)); // rdcycle
    return value;
}

static void counters(volatile uint32_t *results) {
    uint32_t cycle = cycle_counter();
    uint32_t time = SYSTEM(TIME_LO);
    for (uint32_t i = 0; i < 1000; i++) {
        __asm__ volatile("nop");
    }
    results[1] = SYSTEM(TIME_LO) - time;
    results[0] = cycle_counter() - cycle;
}

static void run(volatile struct soc_job *job) {
    uint32_t address = job->arguments[0];
    switch (job->kind) {
    case SOC_JOB_COPY: job->results[0] = copy(job->arguments, job->results); break;
    case SOC_JOB_SUM: job->results[0] = sum(address, job->arguments[1]); break;
    case SOC_JOB_NARROW: narrow(address, job->results); break;
    case SOC_JOB_READ: job->results[0] = REGISTER(address); break;
    case SOC_JOB_WRITE: REGISTER(address) = job->arguments[1]; break;
    case SOC_JOB_NARROW_WRITE:
        *(volatile uint8_t *)(uintptr_t)address = 0xee;
        *(volatile uint16_t *)(uintptr_t)(address + 2) = 0xdddd;
        break;
    case SOC_JOB_FLOAT: floats(address, job->arguments[1], job->results); break;
    case SOC_JOB_SLEEP:
        job->results[0] = sleep(address);
        job->results[1] = sleep(job->arguments[1]);
        break;
    case SOC_JOB_COUNTERS: counters(job->results); break;
    case SOC_JOB_ILLEGAL: __asm__ volatile(".word 0xffffffff"); break;
    case SOC_JOB_MISALIGNED: __asm__ volatile("lw t0, 1(zero)" ::: "t0"); break;
    case SOC_JOB_EBREAK: __asm__ volatile("ebreak"); break;
    case SOC_JOB_JUMP: ((void (*)(void))(uintptr_t)address)(); break;
    default: break;
    }
}

int main(void) {
    volatile struct soc_job *job = (volatile struct soc_job *)SOC_JOB_ADDRESS;
    SYSTEM(FIRMWARE_STATE) = TERN_SYSTEM_FIRMWARE_STATE_IDLE;
    for (;;) {
        uint32_t completed = SYSTEM(COMPLETED);
        if (SYSTEM(DOORBELL) != completed) {
            SYSTEM(FIRMWARE_STATE) = TERN_SYSTEM_FIRMWARE_STATE_BUSY;
            run(job);
            SYSTEM(COMPLETED) = completed + 1;
            SYSTEM(FIRMWARE_STATE) = TERN_SYSTEM_FIRMWARE_STATE_IDLE;
        }
    }
}
