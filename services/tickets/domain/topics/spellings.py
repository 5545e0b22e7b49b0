"""How common words are written in chats, short messages and mails: abbreviations, slang, and slips of the finger.

A line is a word and the other ways in which people write it. What may be two words ("g", "sm", "dr" for a doctor) is
not here.
"""

_TABLE = """
tidak: tdk tdak tida gak gk ga gaa ngga nggak nggk ngak enggak engga kagak kaga ndak ndk nda tak
belum: blm blum blom blon belom belon belm belumm bloman
bukan: bkn bukn
jangan: jgn jngan jgan
sudah: sdh udah udh dah sudh suda uda
yang: yg yng yank
karena: krn krna karna karn krena
tolong: tlg tlong tolng
mohon: mhn mohn mohom mohin
dengan: dg dgn dngn dngan
untuk: utk unt untk ntuk
saya: sy sya aku gue gw gua
kami: kmi
dari: dri
pada: pd
sampai: smp sampe smpe nyampe sampek
bapak: bpk
seperti: sprti sperti spt kayak kyk kaya
bagaimana: gmn gimana bgmn gmana bagaimn
kenapa: knp knapa
mengapa: mngapa
kapan: kpn
terima: trima trma
kasih: ksh kasi
terimakasih: makasih mksh trims thx
juga: jg jga
lagi: lg lgi
kalau: kalo klo klw
saja: aja sja
banyak: bnyk byk bnyak
orang: org orng
masih: msh masi
dalam: dlm
sekarang: skrg skrng skg
kemarin: kmrn kmarin
bulan: bln
tahun: thn
minggu: mgg mnggu
tanggal: tgl
sebelum: sblm sblum
sesudah: ssdh
bisa: bs bsa
dapat: dpt dpat
jalan: jl jln
kelurahan: kel
kecamatan: kec
gang: gg
nomor: no nmr nomer
telepon: telp tlp tlpn telpon telfon telepun
rekening: rekning rekeing norek
insentif: insentip insntif insetif incentif
sertifikat: sertipikat sertfikat sertifkat certificate
perusahaan: perush perusahan
informasi: info
aplikasi: apk aplkasi
verifikasi: verif
transfer: tf trf tranfer trnsfer
pencairan: pncairan
cair: cairin
gaji: gajih
"""
SPELLINGS = {
    other: word
    for word, others in (line.split(":") for line in _TABLE.strip().splitlines())
    for other in others.split()
}
"""How it is written → the word."""
