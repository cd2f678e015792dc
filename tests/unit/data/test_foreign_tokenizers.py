"""Tokenizers as other people's folders hold them; the judge is transformers' tokenizer, from the same folder."""

import json

import pytest
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, processors
from tokenizers.implementations import BertWordPieceTokenizer
from transformers import AutoTokenizer, BertTokenizer

from multipress.core.errors import UserError
from multipress.data import tokenization
from multipress.data.tokenizer.folder import read_tokenizer_form
from multipress.data.tokenizer.form import SpecialTokens

SPECIAL = tokenization.SPECIAL_TOKENS
LETTERS = [*"abcdefghijklmnopqrstuvwxyz0123456789.,!?'-é日本語ßñ"]
WORDS = ["the", "film", "caf", "cafe", "café", "naive", "##ve", "and", "cafe\u0301", "日本"]
CAPITALS = ["The", "Film", "Café", "NASA", "É", "New", *"ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
UNCASED = [*SPECIAL, *LETTERS, *(f"##{letter}" for letter in LETTERS), *WORDS]
CASED = [*UNCASED, *CAPITALS, *(f"##{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")]
TEXTS = [
    "The Café is naïve, and the CAFÉ shut!",
    "decomposed: cafe\u0301 E\u0301 n\u0303 and A\u030a",
    "日本語 text日本 and 한국어, 漢字",
    "emoji 🙂🏳️‍🌈 in the film",
    "controls\x00\x07\ufffd tab\there \u200b\u00a0 zero\u2028end",
    "",
    "   ",
    "NASA's New-York straße ŒUVRE İstanbul ﬁlm ǅ",
    "[CLS] in the [MASK] film [SEP][PAD]",
    "<s> other </s> [mask] <mask> names",
    "x" * 101 + " " + "a" * 100,
    "film ##e film##e <ent> [ENT] ent",
    "\r\n\x85",
]
PAIRS = list(reversed(TEXTS))


def write_config(folder, **values):
    (folder / "tokenizer_config.json").write_text(json.dumps(values))


def write_vocabulary(folder, tokens):
    (folder / "vocab.txt").write_bytes("".join(f"{token}\n" for token in tokens).encode())


def write_json(folder, tokens, change=lambda tokenizer: None, **settings):
    """As the library saves a BERT's tokenizer, after a change to it."""
    made = BertWordPieceTokenizer({token: number for number, token in enumerate(tokens)}, **settings)
    change(made._tokenizer)
    made.save(str(folder / "tokenizer.json"))


def edit(folder, change):
    file = folder / "tokenizer.json"
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def rows(tokenizer):
    tokenization.cut_rows(tokenizer, 512)
    single = [encoding.ids for encoding in tokenizer.encode_batch(TEXTS)]
    pairs = [
        (encoding.ids, encoding.type_ids) for encoding in tokenizer.encode_batch(list(zip(TEXTS, PAIRS, strict=True)))
    ]
    return single, pairs


def expect_the_judges_ids(folder, saved, lowercase=None):
    """From the folder and from what is saved of it, read here and by transformers."""
    form = read_tokenizer_form(folder, lowercase)
    tokenization.save_form(form, saved)
    judge = AutoTokenizer.from_pretrained(folder)
    pairs = judge(TEXTS, PAIRS, return_token_type_ids=True)
    expected = judge(TEXTS)["input_ids"], list(zip(pairs["input_ids"], pairs["token_type_ids"], strict=True))
    assert rows(tokenization.build_form(form)) == expected
    assert rows(tokenization.build_form(read_tokenizer_form(saved))) == expected
    assert rows(tokenization.read_tokenizer(saved / "tokenizer.json")) == expected
    again = AutoTokenizer.from_pretrained(saved)
    assert isinstance(again, BertTokenizer)
    assert again(TEXTS)["input_ids"] == expected[0]
    assert again(TEXTS, PAIRS)["input_ids"] == pairs["input_ids"]
    assert form.size == len(again)
    return form


SAID = [
    {},
    {"do_lower_case": True},
    {"do_lower_case": False},
    {"do_lower_case": False, "strip_accents": True},
    {"do_lower_case": True, "strip_accents": False},
    {"do_lower_case": True, "tokenize_chinese_chars": False},
    {"do_lower_case": False, "tokenize_chinese_chars": False, "strip_accents": True},
]


@pytest.mark.parametrize("said", SAID)
def test_vocab_txt_with_settings(tmp_path, said):
    write_vocabulary(tmp_path, CASED if said.get("do_lower_case") is False else UNCASED)
    write_config(tmp_path, tokenizer_class="BertTokenizer", **said)
    form = expect_the_judges_ids(tmp_path, tmp_path / "saved")
    assert form.settings.lowercase is said.get("do_lower_case", True)


@pytest.mark.parametrize("said", SAID[1:])
def test_both_files_with_settings(tmp_path, said):
    names = {
        "do_lower_case": "lowercase",
        "strip_accents": "strip_accents",
        "tokenize_chinese_chars": "handle_chinese_chars",
    }
    write_vocabulary(tmp_path, CASED)
    write_json(tmp_path, CASED, **{names[key]: value for key, value in said.items()})
    write_config(tmp_path, tokenizer_class="BertTokenizer", **said)
    expect_the_judges_ids(tmp_path, tmp_path / "saved")


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"lowercase": False},
        {"lowercase": False, "strip_accents": True, "handle_chinese_chars": False},
        {"strip_accents": False},
    ],
)
def test_tokenizer_json_alone(tmp_path, settings):
    write_json(tmp_path, CASED, **settings)
    form = expect_the_judges_ids(tmp_path, tmp_path / "saved")
    assert form.settings.lowercase is settings.get("lowercase", True)


def test_what_the_file_cuts_and_pads_does_not_matter(tmp_path):
    def change(tokenizer):
        tokenizer.enable_truncation(5, stride=2, strategy="only_first")
        tokenizer.enable_padding(length=9, pad_to_multiple_of=8)

    write_json(tmp_path, UNCASED, change)
    form = read_tokenizer_form(tmp_path)
    (tmp_path / "plain").mkdir()
    write_json(tmp_path / "plain", UNCASED)
    assert form == read_tokenizer_form(tmp_path / "plain")


def test_added_tokens_within_the_vocabulary_and_beyond(tmp_path):
    def change(tokenizer):
        tokenizer.add_tokens([AddedToken("<ent>", lstrip=True, normalized=False), AddedToken("film", single_word=True)])
        tokenizer.add_special_tokens([AddedToken("[ENT]", rstrip=True, normalized=False, special=True)])

    write_json(tmp_path, UNCASED, change)
    form = expect_the_judges_ids(tmp_path, tmp_path / "saved")
    assert (len(form.vocabulary), form.size) == (len(UNCASED), len(UNCASED) + 2)


def test_added_tokens_of_older_files(tmp_path):
    write_vocabulary(tmp_path, UNCASED)
    write_config(tmp_path, tokenizer_class="BertTokenizer")
    added = {"<ent>": len(UNCASED), "[ENT]": len(UNCASED) + 1}
    (tmp_path / "added_tokens.json").write_text(json.dumps(added))
    special = {"cls_token": "[CLS]", "additional_special_tokens": ["[ENT]"]}
    (tmp_path / "special_tokens_map.json").write_text(json.dumps(special))
    expect_the_judges_ids(tmp_path, tmp_path / "saved")


def test_added_tokens_of_newer_files(tmp_path):
    flags = {"lstrip": False, "rstrip": False, "single_word": False}
    decoder = {
        str(number): {"content": token, "normalized": False, "special": True, **flags}
        for number, token in enumerate(SPECIAL)
    }
    decoder[str(len(UNCASED))] = {"content": "<ent>", "normalized": True, "special": False, **flags}
    decoder["4"]["lstrip"] = True
    write_vocabulary(tmp_path, UNCASED)
    write_config(tmp_path, tokenizer_class="BertTokenizer", added_tokens_decoder=decoder)
    form = expect_the_judges_ids(tmp_path, tmp_path / "saved")
    assert [token.content for token in form.settings.added] == ["[MASK]", "<ent>"]


NAMES = {"pad_token": "<pad>", "unk_token": "<unk>", "cls_token": "<s>", "sep_token": "</s>", "mask_token": "<mask>"}


@pytest.mark.parametrize("has_json", [False, True])
def test_special_tokens_with_other_names(tmp_path, has_json):
    tokens = [*NAMES.values(), *UNCASED[5:]]
    write_vocabulary(tmp_path, tokens)
    write_config(
        tmp_path,
        tokenizer_class="BertTokenizer",
        **NAMES | {"mask_token": {"content": "<mask>", "lstrip": True, "__type": "AddedToken"}},
    )
    if has_json:
        write_json(tmp_path, tokens, **NAMES)
    form = read_tokenizer_form(tmp_path)
    assert list(form.settings.special) == list(NAMES.values())
    if not has_json:
        expect_the_judges_ids(tmp_path, tmp_path / "saved")


def test_names_may_be_swapped_but_not_guessed(tmp_path):
    write_json(tmp_path, [*NAMES.values(), *UNCASED[5:]], **NAMES)
    with pytest.raises(UserError, match=r"has no \[PAD\]: .* name its pad_token in tokenizer_config.json"):
        read_tokenizer_form(tmp_path)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"tokenizer_class": "BertJapaneseTokenizer"}, "tokenizer_class is 'BertJapaneseTokenizer'"),
        ({"tokenizer_class": "RobertaTokenizerFast"}, "tokenizer_class is 'RobertaTokenizerFast'"),
        ({"do_lower_case": "yes"}, "do_lower_case is 'yes': only true or false"),
        ({"strip_accents": 0}, "strip_accents is 0: only true or false or null"),
        ({"never_split": ["covid"]}, r"never_split is \['covid'\]"),
        ({"do_basic_tokenize": False}, "do_basic_tokenize is false: only true"),
        ({"truncation_side": "left"}, "truncation_side is 'left'"),
        ({"padding_side": "left"}, "padding_side is 'left'"),
        ({"split_special_tokens": True}, "split_special_tokens is true"),
        ({"auto_map": {"AutoTokenizer": ["a.B", None]}}, "auto_map is"),
        ({"model_max_length": "long"}, "model_max_length is 'long'"),
        ({"model_max_length": 0}, "model_max_length is 0"),
        ({"mask_token": None}, "mask_token is null"),
        ({"cls_token": 7}, "cls_token is 7"),
        ({"cls_token": "<s>"}, "special token '<s>' is not in the vocabulary"),
        ({"eos_token": "</s>"}, "special token '</s>' is not in the vocabulary"),
        ({"additional_special_tokens": ["[ENT]"]}, r"special token '\[ENT\]' is not in the vocabulary"),
        (
            {"added_tokens_decoder": {"9999": {"content": "<ent>"}}},
            f"'<ent>' has the id 9999, but {len(UNCASED)} is its place",
        ),
        ({"added_tokens_decoder": {"7": {"content": "[MASK]"}}}, r"'\[MASK\]' has the id 7, but 4 is its place"),
        ({"added_tokens_decoder": ["a"]}, "does not say which id has which token"),
    ],
)
def test_settings_that_cannot_be_honoured_are_refused_by_name(tmp_path, config, message):
    write_vocabulary(tmp_path, UNCASED)
    write_config(tmp_path, **config)
    with pytest.raises(UserError, match=message) as caught:
        read_tokenizer_form(tmp_path)
    assert "\n" not in str(caught.value)


def test_keys_that_are_not_known_are_named(tmp_path):
    write_vocabulary(tmp_path, UNCASED)
    write_config(tmp_path, model_max_length=1e30, brand_new=1, clean_up_tokenization_spaces=True)
    form = read_tokenizer_form(tmp_path)
    assert form.unknown == ("brand_new",)
    assert form.settings.max_length == int(1e30)


OTHERS = {
    "BPE": models.BPE({"a": 0, "b": 1}, []),
    "Unigram": models.Unigram([("a", 0.0)], None),
    "WordLevel": models.WordLevel({"a": 0}, "a"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_another_kind_of_tokenizer_is_refused_by_what_it_is(tmp_path, kind):
    Tokenizer(OTHERS[kind]).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(UserError, match=f"its model is {kind}, and a BERT's is WordPiece"):
        read_tokenizer_form(tmp_path)


def changed(path, value):
    """A change of one entry of tokenizer.json."""

    def change(content):
        *way, last = path
        for key in way:
            content = content[key]
        content[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (changed(["normalizer"], None), "normalizer is none"),
        (changed(["normalizer", "clean_text"], False), "clean_text is false"),
        (
            changed(["normalizer"], {"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}]}),
            "normalizer is Sequence of NFKC, Lowercase",
        ),
        (changed(["pre_tokenizer"], {"type": "WhitespaceSplit"}), "pre_tokenizer is WhitespaceSplit"),
        (changed(["post_processor"], None), "post_processor is none"),
        (
            changed(["post_processor"], {"type": "RobertaProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}),
            "post_processor is RobertaProcessing",
        ),
        (changed(["post_processor", "cls"], ["[CLS]", 9]), r"gives '\[CLS\]' the id 9"),
        (changed(["model", "max_input_chars_per_word"], 200), "max_input_chars_per_word is 200"),
        (changed(["model", "continuing_subword_prefix"], "@@"), "continuing_subword_prefix is '@@'"),
        (changed(["model", "unk_token"], "<unk>"), "has no <unk>"),
        (changed(["model", "vocab", "film"], 5000), f"not consecutive, no token has the id {UNCASED.index('film')}"),
        (changed(["model", "vocab", "film"], 7), "not consecutive, two tokens have the id 7"),
        (
            changed(["truncation"], {"direction": "Left", "max_length": 9, "strategy": "LongestFirst", "stride": 0}),
            "truncation.direction is Left",
        ),
        (changed(["padding"], {"direction": "Left"}), "padding.direction is Left"),
        (changed(["added_tokens", 0, "id"], 12), "disagree|has the id"),
        (changed(["model"], "none"), "has no model"),
        (changed(["model"], {"type": "WordPiece"}), "KeyError: 'vocab'"),
    ],
)
def test_what_is_no_berts_in_tokenizer_json_is_refused_by_name(tmp_path, change, message):
    write_json(tmp_path, UNCASED)
    edit(tmp_path, change)
    with pytest.raises(UserError, match=message) as caught:
        read_tokenizer_form(tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("single", "pair"),
    [
        ("[CLS] $A", "[CLS] $A [SEP] $B:1"),
        ("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:0 [SEP]:0"),
        ("$A [SEP]", "$A [SEP] $B:1"),
    ],
)
def test_a_template_that_is_no_berts_is_refused(tmp_path, single, pair):
    def change(tokenizer):
        tokenizer.post_processor = processors.TemplateProcessing(single, pair, [("[CLS]", 2), ("[SEP]", 3)])

    write_json(tmp_path, UNCASED, change)
    with pytest.raises(UserError, match=r"post_processor\.(single|pair) is .*: only a BERT's"):
        read_tokenizer_form(tmp_path)


def test_a_template_as_berts_is_read(tmp_path):
    def change(tokenizer):
        tokenizer.post_processor = processors.TemplateProcessing(
            "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)]
        )

    write_json(tmp_path, UNCASED, change)
    expect_the_judges_ids(tmp_path, tmp_path / "saved")


def test_files_that_disagree_are_named(tmp_path):
    write_json(tmp_path, UNCASED)
    for tokens, message in (
        (UNCASED[:-1], f"{len(UNCASED) - 1} and {len(UNCASED)} tokens"),
        ([*UNCASED, "more"], f"{len(UNCASED) + 1} and {len(UNCASED)} tokens"),
        ([*UNCASED[:5], UNCASED[6], UNCASED[5], *UNCASED[7:]], "line 6 is 'b', and the token 5 is 'a'"),
    ):
        write_vocabulary(tmp_path, tokens)
        with pytest.raises(UserError, match=rf"vocab\.txt and tokenizer\.json disagree \({message}"):
            read_tokenizer_form(tmp_path)


@pytest.mark.parametrize(
    ("settings", "config", "message"),
    [
        (
            {"lowercase": False},
            {"do_lower_case": True},
            "lowercase false, but tokenizer_config.json has do_lower_case true",
        ),
        ({"lowercase": False}, {}, "does not mention it, so that transformers takes do_lower_case true"),
        ({}, {"do_lower_case": False, "tokenizer_class": "PreTrainedTokenizerFast"}, "has do_lower_case false"),
        ({"strip_accents": False}, {"strip_accents": None}, "strip_accents false, but .* strip_accents null"),
        (
            {"handle_chinese_chars": False},
            {"do_lower_case": True},
            "handle_chinese_chars false, but .* does not mention",
        ),
        ({}, {"cls_token": "[MASK]"}, r"has '\[CLS\]' for cls_token, but tokenizer_config.json has '\[MASK\]'"),
        (
            {},
            {"added_tokens_decoder": {"4": {"content": "[MASK]", "lstrip": True}}},
            "added token 4: lstrip false and true",
        ),
    ],
)
def test_settings_that_disagree_are_named(tmp_path, settings, config, message):
    write_json(tmp_path, CASED, **settings)
    write_config(tmp_path, **config)
    with pytest.raises(UserError, match=message):
        read_tokenizer_form(tmp_path)


def test_a_silent_config_of_a_general_class_leaves_tokenizer_json_its_word(tmp_path):
    write_json(tmp_path, CASED, lowercase=False)
    write_config(tmp_path, tokenizer_class="PreTrainedTokenizerFast", **SpecialTokens().named())
    assert not expect_the_judges_ids(tmp_path, tmp_path / "saved").settings.lowercase


def test_a_models_folder_without_settings_is_a_berts_by_its_config_json(tmp_path):
    write_json(tmp_path, CASED, lowercase=False)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(UserError, match="transformers takes do_lower_case true: make them agree"):
        read_tokenizer_form(tmp_path)


@pytest.mark.parametrize(("said", "asked"), [(True, False), (False, True)])
@pytest.mark.parametrize("has_json", [False, True])
def test_the_configuration_must_agree_with_the_files(tmp_path, said, asked, has_json):
    if has_json:
        write_json(tmp_path, CASED, lowercase=said)
    else:
        write_vocabulary(tmp_path, CASED)
        write_config(tmp_path, do_lower_case=said)
    with pytest.raises(UserError, match=f"set tokenizer.lowercase to {str(said).lower()}"):
        read_tokenizer_form(tmp_path, asked)
    assert read_tokenizer_form(tmp_path, said).settings.lowercase is said


@pytest.mark.parametrize(
    ("tokens", "asked", "message"),
    [
        (CASED, True, "have capital letters, .*: set tokenizer.lowercase to false"),
        (CASED, None, "have capital letters, .*: set do_lower_case in tokenizer_config.json"),
        (UNCASED, False, "no token of the vocabulary has a capital letter.*: set tokenizer.lowercase to true"),
    ],
)
def test_a_vocabulary_that_contradicts_the_case_is_refused_where_no_file_says_it(tmp_path, tokens, asked, message):
    write_vocabulary(tmp_path, tokens)
    with pytest.raises(UserError, match=message):
        read_tokenizer_form(tmp_path, asked)


def test_a_byte_order_mark_is_named(tmp_path):
    (tmp_path / "vocab.txt").write_bytes("\ufeff[PAD]\n[UNK]\n".encode())
    with pytest.raises(UserError, match="byte order mark"):
        read_tokenizer_form(tmp_path)


def test_a_file_of_another_name_is_read_alone(tmp_path):
    write_json(tmp_path, UNCASED)
    (tmp_path / "tokenizer.json").rename(tmp_path / "mine.json")
    write_config(tmp_path, do_lower_case=False)
    assert read_tokenizer_form(tmp_path / "mine.json").settings.lowercase


def test_normalizers_of_the_library_are_those_that_are_written(tmp_path):
    write_vocabulary(tmp_path, UNCASED)
    write_config(tmp_path, strip_accents=False, tokenize_chinese_chars=False)
    made = tokenization.build_form(read_tokenizer_form(tmp_path))
    assert isinstance(made.normalizer, normalizers.BertNormalizer)
    assert isinstance(made.pre_tokenizer, pre_tokenizers.BertPreTokenizer)
    assert (made.normalizer.strip_accents, made.normalizer.handle_chinese_chars) == (False, False)
