#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes testvectors/tokenizer/: byte-level BPE tokenizers of several models' layouts, trained on generated text, and
difficult texts with their ids from Hugging Face `tokenizers`.

Needs `pip install tokenizers==0.20.3` (Unicode 14, as Debian 12's PCRE2). The result depends on the seed alone.
Usage: make_vectors.py [output directory]
"""
import json
import pathlib
import random
import sys
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SEED = 20261124
QWEN2_PATTERN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
                 r"|\s*[\r\n]+|\s+(?!\S)|\s+")
LLAMA3_PATTERN = QWEN2_PATTERN.replace(r"|\p{N}|", r"|\p{N}{1,3}|")

# One alphabet a line: enough for merges that cross bytes of one character and characters of one word.
SCRIPTS = ["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "абвгдежзийклмнопрстуфхцчшщъыьэюя",
           "αβγδεζηθικλμνξοπρστυφχψω", "אבגדהוזחטיכלמנסעפצקרשת", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
           "अआइईउऊएऐओऔकखगघचछजझटठडढणतथदधन", "กขคฆงจฉชซญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ",
           "的一是不了人我在有他这中大来上个国和也子时道", "あいうえおかきくけこさしすせそたちつてとなにぬねの",
           "가나다라마바사아자차카타파하", "äöüßéèêçñõåøœæłśżźčř", "😀😁😂🤣😃😄😅😆🙂🙃🔥✨🎉👍🏽❤️"]
WORDS = ("the fox and the heron went down to the river because the water was low ; it is not what they've said , "
         "I'll see if we're there , isn't it ? function return value int main ( void ) { } for while if else print "
         "number of tokens in the model layer weight memory").split()


def training_lines(rng):
    for _ in range(6000):
        kind = rng.random()
        if kind < 0.45:
            yield " ".join(rng.choice(WORDS) for _ in range(rng.randint(3, 20))) + rng.choice([".", "!\n", "\r\n", "\n\n"])
        elif kind < 0.9:
            alphabet = rng.choice(SCRIPTS)
            words = ["".join(rng.choice(alphabet[:12]) for _ in range(rng.randint(1, 4))) for _ in range(8)]
            yield rng.choice([" ", "  ", "-"]).join(words)
        else:
            yield " " * rng.randint(1, 24) + "\t" * rng.randint(0, 4) + str(rng.randint(0, 10**12)) + "====----"


def qwen2_tokenizer(rng, vocabulary, pattern=QWEN2_PATTERN):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    trainer = trainers.BpeTrainer(vocab_size=vocabulary, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(training_lines(rng), trainer)
    special = [AddedToken(t, special=True, normalized=False) for t in ("<|endoftext|>", "<|im_start|>", "<|im_end|>")]
    tokenizer.add_special_tokens(special)
    tokenizer.add_tokens([
        AddedToken("<tool_call>", special=False, normalized=False),
        AddedToken("<tool_call>x", special=False, normalized=False),
        AddedToken("<|left|>", special=True, normalized=False, lstrip=True),
        AddedToken("<|right|>", special=True, normalized=False, rstrip=True),
        AddedToken("Tern", special=False, normalized=False, single_word=True),
        AddedToken("cafe\u0301", special=False, normalized=True)])
    return tokenizer


FIXED = [
    "", " ", "a", "Hello, world!", "  leading and trailing  ", "\n", "\r\n", "\r", "a\r\nb\r\n\r\n c", "\n\n\n  \n x",
    "tab\tand\t\ttabs \t mixed", "a" + " " * 40 + "b", " " * 300, "x" * 3000, "1234567890" * 20, "3.14159, 1e-9; 0xFFFF",
    "it's IT'S we'Re they\u2019ve I'LL 'd'd 'S'T '\u017f", "don't  can 't",
    "e\u0301 vs \u00e9; A\u030a \u212b \u00c5; o\u0323\u0302 o\u0302\u0323", "q\u0307\u0323 q\u0323\u0307 " + "z" + "\u0301\u0323" * 20,
    "\u1100\u1161\u11a8 \uac01 \u1100\u1161", "\u0958 \u0915\u093c \u09cb \u09c7\u09be", "\u2126 \u212a \ufb01 \u2000 \u2001 \uf900",
    "👩‍👩‍👧‍👦 family 👍🏽 🇩🇪🇫🇷 ❤️ ☠ 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "Привет, мир! Ёлка ё", "مرحبا بالعالم ١٢٣", "שָׁלוֹם עולם", "नमस्ते दुनिया १२३ क्षि",
    "สวัสดีชาวโลก ๑๒๓", "你好，世界！這是測試。", "こんにちは世界。カタカナ ｶﾀｶﾅ", "안녕하세요 세계", "ǅ ⅷ Ⅷ ² ½ ① ㊿ ༳ 𝟘𝟙 𐄇",
    "mixедscriptתערובت混合κείμενο", "zero\x00byte \x01\x02\x7f\x80\u0085\u009f", "\u00a0nbsp\u00a0\u00a0 \u3000wide\u3000 \u180e mongolian \u200b zwsp \ufeff bom",
    "\u2028line\u2029paragraph\u0085next \x0b\x0c vt ff", "\x1c\x1d\x1e\x1f separators", "a\u180eb \u180e\u180e c",
    "<|im_start|>system\nYou are.<|im_end|>\n<|im_start|>user\n", "<|im_start|<|im_end|>", "<|endoftext|><|endoftext|>",
    "<tool_call>x<tool_call>y<tool_call><tool_cal", "a  <|left|>  b", "a  <|right|>  b <|right|>\n\n<|left|>", "  <|left|><|left|> ",
    "Tern Terns sTern (Tern) Tern_ Tern\u0301 \u00e9Tern Tern. TernTern", "cafe\u0301 caf\u00e9 cafe\u0301s cafe\u0301\u0323",
    "e<|im_end|>\u0301", "\u0301 starts with a mark", "int main(void) {\n\treturn 0;  // x==y\n}\n", "!!!???...---===***///\n\n\n", "?!\r\n\r\n!?",
    "o\u0315\u08d0 u\u05b4\u0899\u0331 \U00011935\U00011930 \U00011938 a\u0323\u07fd\u0301", # marks Unicode 9 lacks
    "\U0010ffff \ue000 \ufffe \ufffd \ud7ff", "ﬃ ß ſ İ ı ŉ", "'ſ 'ſs '\u212a", "a\u200db \u200c", "𠀀𠀁 𝔘𝔫𝔦 𐐷", "\u0378 \U000e0000",
]


def random_character(rng):
    """Any that Unicode 14 knows: the libraries' tables differ in what came later."""
    while True:
        character = chr(rng.choice([rng.randrange(0x20, 0xD800), rng.randrange(0xE000, 0x20000)]))
        if unicodedata.category(character) != "Cn": return character


def random_text(rng):
    pieces = []
    for _ in range(rng.randint(1, 12)):
        kind = rng.randrange(9)
        if kind == 0: pieces.append(rng.choice(WORDS))
        elif kind == 1: pieces.append("".join(rng.choice(rng.choice(SCRIPTS)) for _ in range(rng.randint(1, 6))))
        elif kind == 2: pieces.append("".join(rng.choice(" \t\n\r\u00a0\u3000\u0085\u2028") for _ in range(rng.randint(1, 6))))
        elif kind == 3: pieces.append("".join(chr(rng.randrange(0x300, 0x370)) for _ in range(rng.randint(1, 3))))
        elif kind == 4: pieces.append(str(rng.randrange(10**rng.randint(1, 15))))
        elif kind == 5: pieces.append(random_character(rng))
        elif kind == 6: pieces.append(rng.choice(["<|im_end|>", "<|left|>", "<|right|>", "<tool_call>", "Tern", "cafe\u0301"]))
        elif kind == 7: pieces.append(rng.choice("'\"!?.,;:-=_()[]{}<>|@#$%^&*~`/\\") * rng.randint(1, 4))
        else: pieces.append(unicodedata.normalize("NFD", rng.choice(SCRIPTS)[:rng.randint(1, 5)]))
        if rng.random() < 0.4: pieces.append(" ")
    return "".join(pieces)


def cases(tokenizer, texts):
    plain = Tokenizer.from_str(tokenizer.to_str())
    plain.encode_special_tokens = True
    for text in texts:
        case = {"hex": text.encode().hex()} if "\0" in text else {"text": text} # cJSON ends a string at \u0000
        case["ids"] = tokenizer.encode(text).ids
        as_text = plain.encode(text, add_special_tokens=False).ids
        if as_text != case["ids"]:
            case["plain_ids"] = as_text
        yield case


def write(path, tokenizer, texts):
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases(tokenizer, texts))
    head = {"tokenizer": path.name.replace("cases", "tokenizer"), "seed": SEED, "oracle": "tokenizers 0.20.3"}
    path.write_text(json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n")


def save(path, tokenizer):
    path.write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":")) + "\n")


def llama3_tokenizer(rng):
    tokenizer = qwen2_tokenizer(rng, 700, LLAMA3_PATTERN)
    tokenizer.normalizer = normalizers.Sequence([])
    tokenizer.model.ignore_merges = True
    description = json.loads(tokenizer.to_str())
    # A token that no merge makes, found only because whole words are looked up first. `tokenizers` counts added tokens
    # from the vocabulary's end.
    vocabulary = description["model"]["vocab"]
    vocabulary["Ġheronwort"] = len(vocabulary)
    for token in description["added_tokens"]:
        token["id"] += 1
    description["normalizer"] = None
    description["post_processor"] = {"type": "Sequence", "processors": [
        {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True},
        {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<|im_start|>", "type_id": 0}},
                                                  {"Sequence": {"id": "A", "type_id": 0}},
                                                  {"SpecialToken": {"id": "<|im_end|>", "type_id": 0}}],
         "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
         "special_tokens": {t: {"id": t, "ids": [tokenizer.token_to_id(t) + 1], "tokens": [t]}
                            for t in ("<|im_start|>", "<|im_end|>")}}]}
    return Tokenizer.from_str(json.dumps(description))


def byte_level(add_regex=True):
    return pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=add_regex)


# SmolLM: digits one by one. Falcon 3: runs of punctuation, and steps after ByteLevel, which see the symbols of bytes.
SMOLLM_STEPS = [pre_tokenizers.Digits(individual_digits=True), byte_level()]
FALCON3_STEPS = [pre_tokenizers.Punctuation("contiguous"), byte_level(), pre_tokenizers.Digits(individual_digits=False),
                 pre_tokenizers.Split(Regex("[0-9][0-9][0-9]"), "isolated")]
# Pieces of every other kind. The first step is that of GPT-4: what the expression leaves out is dropped.
SPLITS_STEPS = [pre_tokenizers.Split(Regex(QWEN2_PATTERN), "removed", invert=True),
                pre_tokenizers.Split("a", "merged_with_previous"), pre_tokenizers.Punctuation("merged_with_next"),
                pre_tokenizers.Split(Regex(r"(?=\p{Lu})"), "isolated"), pre_tokenizers.Digits(individual_digits=False),
                byte_level(add_regex=False)]


def partial_tokenizer(steps, unk_token=None, fuse_unk=False):
    """The vocabulary has no token for bytes that the training text lacks."""
    tokenizer = Tokenizer(models.BPE(unk_token=unk_token, fuse_unk=fuse_unk))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=400, show_progress=False, initial_alphabet=[],
                                  special_tokens=["<|endoftext|>", "<unk>"])
    lines = (line for line in training_lines(random.Random(SEED)) if max(line) < "\u0450")
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer


def classes_tokenizer():
    """The letter a and the first byte of the next character are one token, unless a step splits them."""
    symbols = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {symbol: i for i, symbol in enumerate(symbols)}
    vocabulary.update({"a" + symbol: 256 + i for i, symbol in enumerate(symbols)})
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[("a", symbol) for symbol in symbols]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Punctuation("isolated"), pre_tokenizers.Digits(individual_digits=True), byte_level(False)])
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


# Every character whose class is in doubt: the classes of `tokenizers` come from other versions of Unicode.
CLASSES_TEXT = "".join("a" + chr(c) for c in range(0x80, 0x20000) if unicodedata.category(chr(c))[0] == "P" or
                       c in (0x166d, 0x111c9) or unicodedata.category(chr(c)) in ("No", "Nl") and c % 5 == 0)

PARTIAL = {"smollm": lambda: partial_tokenizer(SMOLLM_STEPS),
           "falcon3": lambda: partial_tokenizer(FALCON3_STEPS),
           "splits": lambda: partial_tokenizer(SPLITS_STEPS, "<unk>"),
           "fused": lambda: partial_tokenizer([byte_level()], "<unk>", fuse_unk=True)}


def main():
    out = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                       pathlib.Path(__file__).resolve().parents[2] / "testvectors" / "tokenizer")
    out.mkdir(parents=True, exist_ok=True)
    rng = random.Random(SEED)
    qwen2 = qwen2_tokenizer(rng, 3000)
    save(out / "qwen2_tokenizer.json", qwen2)
    write(out / "qwen2_cases.json", qwen2, FIXED + [random_text(rng) for _ in range(300)])
    llama3 = llama3_tokenizer(rng)
    save(out / "llama3_tokenizer.json", llama3)
    write(out / "llama3_cases.json", llama3, FIXED + [" heronwort heronworts"] + [random_text(rng) for _ in range(60)])
    for name, make in PARTIAL.items():
        partial = make()
        save(out / f"{name}_tokenizer.json", partial)
        write(out / f"{name}_cases.json", partial, FIXED + [random_text(rng) for _ in range(60)])
    classes = classes_tokenizer()
    save(out / "classes_tokenizer.json", classes)
    write(out / "classes_cases.json", classes, FIXED + [CLASSES_TEXT])
    for path in sorted(out.iterdir()):
        print(f"{path.stat().st_size:8d} {path}")


if __name__ == "__main__":
    main()
